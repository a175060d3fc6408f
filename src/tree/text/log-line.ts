/**
 * One record -> one line, of a terminal and for agents: `14:32:06.981 web  E cart lookup failed  user=42  4bf92f35`.
 */
import type { LogRow } from '../../model/api.ts'
import { errorInFields, messageWithError } from '../../model/row-words.ts'
import { isHop } from '../../model/shown-fields.ts'
import { clockTime } from './clock-time.ts'
import { toneOfLevel, type Paint } from './paint.ts'
import { fieldsText, levelLetter } from './fields-text.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { fit, padEnd, widthOf } from '../../model/text-width.ts'

/** Longer names are cut, so that messages stay in one column. Cells. */
const MAX_SERVICE_WIDTH = 16

/** Formats records one after the other; the service column grows with the widest name seen. */
export interface LogLines {
  line(row: LogRow): string
}

export interface LogLinesOptions {
  readonly paint: Paint
  /** Cells of the terminal; `undefined`: lines are never cut. */
  readonly columns: number | undefined
  /** No column for services: for who pays for each character. Default false. */
  readonly isDense?: boolean
}

export function createLogLines({ paint, columns, isDense = false }: LogLinesOptions): LogLines {
  let serviceWidth = 8
  return {
    line(row) {
      const service = fit(visibleLine(row.service), MAX_SERVICE_WIDTH)
      serviceWidth = isDense ? 0 : Math.max(serviceWidth, widthOf(service))
      const time = clockTime(row.timestamp)
      const letter = levelLetter(row.level)
      const trace = typeof row.trace_id === 'string' ? visibleLine(row.trace_id.slice(0, 8)) : ''
      const used = time.length + serviceWidth + letter.length + 4 + (trace === '' ? 0 : trace.length + 2)
      const { message, fields } = contentOf(row)
      const text = columns === undefined ? { message, fields } : cut({ message, fields }, columns - used)
      const tone = toneOfLevel(row.level)
      const parts = [
        paint.tone('dim', time),
        paint.service(row.service, padEnd(service, serviceWidth)),
        tone === undefined ? letter : paint.tone(tone, letter),
        [
          tone === undefined ? text.message : paint.tone(tone, text.message),
          ...(text.fields === '' ? [] : [paint.tone('dim', text.fields)]),
          ...(trace === '' ? [] : [paint.tone('dim', trace)]),
        ].join('  '),
      ]
      return parts.join(' ')
    },
  }
}

interface Content {
  readonly message: string
  readonly fields: string
}

/** A hop's record says these in its message. */
const HOP_KEYS: ReadonlySet<string> = new Set([
  'method',
  'path',
  'route',
  'status',
  'error_type',
  'cache_op',
  'cache_name',
])

function contentOf(row: LogRow): Content {
  const headline = row.message === '' || row.message === row['event'] ? completionText(row) : undefined
  const { text, said } = messageWithError(headline ?? row.message, errorInFields(row), row)
  return {
    message: visibleLine(text),
    fields: fieldsText(row, isHop(row) ? new Set([...said, ...HOP_KEYS]) : said),
  }
}

/** A completion record has no sentence of its own: its request or look-up is one. */
function completionText(row: LogRow): string | undefined {
  const words = [row['method'], row['path'], row['status']]
  const lookUp = [row['cache_op'], row['cache_name']]
  const chosen = words.some((word) => word !== undefined) ? words : lookUp
  const text = chosen.filter((word) => typeof word === 'string' || typeof word === 'number').join(' ')
  return text === '' ? undefined : text
}

/** The message has the first right to the room. */
function cut({ message, fields }: Content, room: number): Content {
  const shortMessage = fit(message, Math.max(20, room))
  const left = room - widthOf(shortMessage) - 2
  return { message: shortMessage, fields: left < 6 ? '' : fit(fields, left) }
}
