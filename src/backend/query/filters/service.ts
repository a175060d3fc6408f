/**
 * `service:api`, `instance:…`, `service.version:…`: by the resource that sent the record. `logger:…`: by its scope.
 */
import type { FieldTerm } from '../../../query-text/expression.ts'
import { attributePath } from '../rows/attribute-path.ts'
import { textCondition } from './compare.ts'
import type { TermFilter } from './filter.ts'

const COLUMN: Readonly<Record<string, string>> = {
  service: 'service',
  'service.name': 'service',
  instance: 'instance',
  'service.instance.id': 'instance',
}

/** @param term  its key is a name above or the key of any resource attribute */
export function resourceFilter(term: FieldTerm): TermFilter {
  const column = COLUMN[term.key] ?? `attributes ->> ${attributePath(term.key)}`
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
