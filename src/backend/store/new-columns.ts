/**
 * Which attribute keys have become common enough for a column of their own?
 */
import type { AttributeKey, ValueKind } from './attribute-keys.ts'
import { MAX_ATTRIBUTE_COLUMNS } from './layout.ts'
import type { AttributeColumn } from './store.ts'

/** A key of fewer rows than this share stays in `rest`. */
const COMMON_SHARE = 0.01

const COLUMN_KINDS: readonly (AttributeColumn['type'] & ValueKind)[] = ['VARCHAR', 'BIGINT', 'DOUBLE', 'BOOLEAN']

/**
 * Picks the columns to add, the most common first, and forgets the counts.
 *
 * @param rows  rows since the last look
 * @param existing  the columns there are; the new ones are named after them
 */
export function pickNewColumns(
  keys: Iterable<AttributeKey>,
  rows: number,
  existing: readonly AttributeColumn[],
): AttributeColumn[] {
  const candidates: { key: string; type: AttributeColumn['type']; count: number }[] = []
  for (const key of keys) {
    const type = COLUMN_KINDS.reduce((most, kind) => (key.seen[kind] > key.seen[most] ? kind : most))
    const count = key.seen[type]
    if (key.column < 0 && count > rows * COMMON_SHARE) candidates.push({ key: key.name, type, count })
    for (const kind of [...COLUMN_KINDS, 'other' as const]) key.seen[kind] = 0
  }
  return candidates
    .toSorted((a, b) => b.count - a.count)
    .slice(0, Math.max(0, MAX_ATTRIBUTE_COLUMNS - existing.length))
    .map(({ key, type }, i) => ({
      key,
      column: `a${existing.length + i}`,
      type,
      // Rows from before the column was added keep the key in `rest`.
      isMixed: true,
    }))
}

/** Columns with values of another type in `rest`: read both from now on. */
export function findMixed(keys: Iterable<AttributeKey>, columns: readonly AttributeColumn[]): ReadonlySet<string> {
  const plain = new Set(columns.filter(({ isMixed }) => !isMixed).map(({ key }) => key))
  const mixed = new Set<string>()
  for (const key of keys) {
    const inRest = key.seen.VARCHAR + key.seen.BIGINT + key.seen.DOUBLE + key.seen.BOOLEAN + key.seen.other
    if (key.column >= 0 && inRest > 0 && plain.has(key.name)) mixed.add(key.name)
  }
  return mixed
}
