/**
 * Fields that say the same in every line of a request: they stand once in its head and in no row.
 */
import type { TreeRow } from '../../../model/api.ts'
import { shownFields } from '../../../model/shown-fields.ts'

/** @returns names with their value; empty where fewer than two lines have fields */
export function sharedFields(rows: readonly TreeRow[]): ReadonlyMap<string, unknown> {
  const lines = rows.filter(({ kind, fields }) => kind === 'log' && fields !== undefined)
  const [first, ...others] = lines
  if (first === undefined || others.length === 0) return new Map()
  const shared = new Map(shownFields(first.fields ?? {}).map(([name, value]) => [name, value]))
  for (const { fields = {} } of others) {
    for (const [name, value] of shared) if (!isSame(fields[name], value)) shared.delete(name)
    if (shared.size === 0) break
  }
  return shared
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))
}
