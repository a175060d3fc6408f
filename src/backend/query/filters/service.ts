/**
 * `service:api`, `instance:…`, `service.version:…`: by the resource that sent the record. `logger:…`: by its scope.
 */
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '../../../model/semconv.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import { attributePath } from '../rows/attribute-path.ts'
import { textCondition } from './compare.ts'
import type { TermFilter } from './filter.ts'

const COLUMN: ReadonlyMap<string, string> = new Map([
  [ATTR_SERVICE_NAME, 'service'],
  [ATTR_SERVICE_INSTANCE_ID, 'instance'],
])

export function resourceFilter(term: FieldTerm): TermFilter {
  const { subject } = term
  const key = subject.kind === 'resource' ? subject.attribute : term.key
  const column = COLUMN.get(key) ?? `attributes ->> ${attributePath(key)}`
  return {
    condition: () => {
      const { sql, parameters } = textCondition(`(${column})`, term)
      return { sql: `res IN (SELECT id FROM resources WHERE ${sql})`, parameters }
    },
  }
}

export function scopeFilter(term: FieldTerm): TermFilter {
  return {
    condition: () => {
      const { sql, parameters } = textCondition('name', term)
      return { sql: `scope IN (SELECT id FROM scopes WHERE ${sql})`, parameters }
    },
  }
}
