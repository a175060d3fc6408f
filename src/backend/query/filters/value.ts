/**
 * The value that a row has under a key of the query language, as SQL: what is counted where the filters of this folder compare.
 */
import { ATTR_RESPONSE_TIME_MS, ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '../../../model/semconv.ts'
import type { Subject } from '../../../query-text/expression.ts'
import { attributePath } from '../rows/attribute-path.ts'
import { RUN_OF_RESOURCE } from '../run-resources.ts'
import { shownText } from './attribute.ts'
import type { FilterContext } from './filter.ts'

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].map((level) => `'${level}'`).join(', ')
/** The level of the severity `sev`. */
export const LOG_LEVEL: string = `CASE WHEN sev BETWEEN 1 AND 24 THEN [${LEVELS}][(sev - 1) // 4 + 1] ELSE 'INFO' END`
const SPAN_LEVEL = `CASE WHEN status = 2 THEN 'ERROR' ELSE 'INFO' END`

/** Text, as a term of the query names it; NULL where a row has none. */
export function valueOf(subject: Subject, context: FilterContext): string {
  const isLogs = context.signal === 'logs'
  switch (subject.kind) {
    case 'level':
      return isLogs ? LOG_LEVEL : SPAN_LEVEL
    case 'resource':
      return resourceValue(subject.attribute)
    case 'attribute':
      return shownText(subject.attribute, context)
    case 'scope':
      return `nullif((SELECT name FROM scopes WHERE id = scope), '')`
    case 'trace':
      return `replace(trace::VARCHAR, '-', '')`
    case 'span':
      return `CASE WHEN span = 0 THEN NULL ELSE lower(lpad(hex(span), 16, '0')) END`
    case 'duration':
      return isLogs ? shownText(ATTR_RESPONSE_TIME_MS, context) : '(took / 1e6)::VARCHAR'
    case 'message':
      return isLogs ? 'coalesce(body, event)' : 'name'
    case 'event':
      return ofLogs(`nullif(event, '')`, context)
    case 'severityText':
      return ofLogs(`nullif(sev_text, '')`, context)
    case 'pattern':
      return ofLogs(`lpad(lower(hex(pattern)), 8, '0')`, context)
    case 'run':
      return `(SELECT ${RUN_OF_RESOURCE} FROM resources WHERE id = res)`
    case 'name':
      return isLogs ? shownText('name', context) : 'name'
    default:
      return `t::VARCHAR`
  }
}

/** What spans have not. */
function ofLogs(sql: string, { signal }: FilterContext): string {
  return signal === 'logs' ? sql : 'NULL'
}

function resourceValue(key: string): string {
  const column =
    key === ATTR_SERVICE_NAME
      ? 'service'
      : key === ATTR_SERVICE_INSTANCE_ID
        ? 'instance'
        : `attributes ->> ${attributePath(key)}`
  return `nullif((SELECT ${column} FROM resources WHERE id = res), '')`
}
