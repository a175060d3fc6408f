/**
 * `service:api`, `instance:…`, `service.version:…`: by the resource that sent the record. `logger:…`: by its scope.
 */
import { attributePath } from '../rows/attribute-path.ts'
import type { FieldTerm } from '../text/expression.ts'
import { matchesValue, textCondition } from './compare.ts'
import type { Filter } from './filter.ts'

const COLUMN: Readonly<Record<string, string>> = {
  service: 'service',
  'service.name': 'service',
  instance: 'instance',
  'service.instance.id': 'instance',
}

/** @param term  its key is a name above or the key of any resource attribute */
export function resourceFilter(term: FieldTerm): Filter {
  const column = COLUMN[term.key] ?? `attributes ->> ${attributePath(term.key)}`
  const flatKey = column === 'service' ? 'service' : term.key
  return {
    condition: () => {
      const { sql, parameters } = textCondition(`(${column})`, term)
      return { sql: `res IN (SELECT id FROM resources WHERE ${sql})`, parameters }
    },
    matches: (row) => matchesValue(row[flatKey], term),
  }
}

export function scopeFilter(term: FieldTerm): Filter {
  return {
    condition: () => {
      const { sql, parameters } = textCondition('name', term)
      return { sql: `scope IN (SELECT id FROM scopes WHERE ${sql})`, parameters }
    },
    matches: (row) => matchesValue(row['logger'], term),
  }
}
