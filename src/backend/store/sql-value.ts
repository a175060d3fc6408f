/**
 * DuckDB's values as values that can cross a thread: what a reader of a result gets.
 */
/** A value of a result: 64-bit numbers are bigint, JSON is its text, dates, UUIDs and decimals are their text. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly SqlValue[]
  | { readonly [name: string]: SqlValue }

/** Scalars as they are; lists, structs and maps as arrays and objects; everything else (dates, UUIDs, decimals ...) as its text. */
export function toSqlValue(value: unknown): SqlValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : fromObject(value)
    default:
      return String(value)
  }
}

function fromObject(value: object): SqlValue {
  if ('items' in value && Array.isArray(value.items)) return value.items.map(toSqlValue)
  if ('entries' in value && typeof value.entries === 'object' && value.entries !== null) {
    const { entries } = value
    if (!Array.isArray(entries)) return mapValues(Object.entries(entries))
    return mapValues(entries.map(({ key, value: inner }: { key: unknown; value: unknown }) => [String(key), inner]))
  }
  // Dates, UUIDs, decimals: DuckDB's value classes, whose toString is the text meant here.
  const text = value as { toString(): string }
  return text.toString()
}

function mapValues(entries: readonly (readonly [string, unknown])[]): SqlValue {
  return Object.fromEntries(entries.map(([key, inner]) => [key, toSqlValue(inner)]))
}
