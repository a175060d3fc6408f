/**
 * Which fields are beside the list: some from the start, those that the reader adds for good.
 */
import type { Of } from './counts.ts'

const FIELDS: Readonly<Record<Of, readonly string[]>> = {
  requests: ['service', 'status', 'route', 'method', 'cache_hit', 'took', 'error_type'],
  logs: ['level', 'service', 'logger', 'error_type', 'route'],
}
/** As the backend takes them at once. */
const MOST = 12

const NAMES: Readonly<Record<string, string>> = { cache_hit: 'cache', error_type: 'error', took: 'took, ms' }

export function fieldName(field: string): string {
  return NAMES[field] ?? field
}

export function fieldsOf(of: Of): readonly string[] {
  return [...FIELDS[of], ...added(of)].slice(0, MOST)
}

/** One more, or away with one that was added. */
export function switchField(of: Of, field: string): void {
  const fields = added(of)
  if (FIELDS[of].includes(field)) return
  const next = fields.includes(field) ? fields.filter((other) => other !== field) : [...fields, field]
  localStorage.setItem(keyOf(of), JSON.stringify(next))
}

function added(of: Of): readonly string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(keyOf(of)) ?? '[]')
    return Array.isArray(list) ? list.filter((field): field is string => typeof field === 'string') : []
  } catch {
    return []
  }
}

function keyOf(of: Of): string {
  return `tracelog.fields.${of}`
}
