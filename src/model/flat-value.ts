/**
 * How is an attribute's value written in a flat line? No nesting: scalars and lists of scalars; the rest as JSON text or
 * under keys joined by dots.
 */
import type { AnyValue, AnyValueMap, Attributes } from './any-value.ts'
import { base64OfBytes } from './bytes.ts'

/** What may stand behind a key. */
type FlatScalar = string | number | boolean | null
export type FlatValue = FlatScalar | readonly FlatScalar[]

/** Levels of maps that become keys joined by dots. */
const MAX_FLAT_DEPTH = 4
/** What is below a longer name stays one value: each of its names would repeat it. Characters. */
const MAX_FLAT_NAME = 1_024

/**
 * Each leaf of the attributes by its name: `a` -> `{ b: 1 }` is `a.b`. Where two have the same name (`{ 'a.b': 1, a: { b:
 * 2 } }`) the later one gets `attr.` before it.
 */
export function flattenAttributes(attributes: Attributes): Map<string, FlatValue> {
  const leaves = new Map<string, FlatValue>()
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) flatten(leaves, name, value, 1)
  }
  return leaves
}

function flatten(leaves: Map<string, FlatValue>, name: string, value: AnyValue, depth: number): void {
  const items = isMap(value) && depth <= MAX_FLAT_DEPTH && name.length <= MAX_FLAT_NAME ? Object.entries(value) : []
  if (items.length === 0) {
    let free = name
    while (leaves.has(free)) free = `attr.${free}`
    leaves.set(free, toFlatValue(value))
    return
  }
  for (const [key, item] of items) {
    if (item !== undefined) flatten(leaves, `${name}.${key}`, item, depth + 1)
  }
}

/** A value under one key. */
export function toFlatValue(value: AnyValue): FlatValue {
  if (Array.isArray(value)) {
    const items = value as readonly AnyValue[]
    return items.some((item) => typeof item === 'object' && item !== null && !(item instanceof Uint8Array))
      ? jsonText(value)
      : items.map(scalar)
  }
  return isMap(value) ? jsonText(value) : scalar(value)
}

function isMap(value: AnyValue): value is AnyValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function scalar(value: AnyValue): FlatScalar {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return bigintScalar(value)
    case 'object':
      return value instanceof Uint8Array ? base64OfBytes(value) : null
    default:
      return value
  }
}

/** Beyond 2^53 a JSON number would lose digits. */
function bigintScalar(value: bigint): string | number {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** Compact JSON of any value; what JSON has no number for is text. */
export function jsonText(value: AnyValue): string {
  return JSON.stringify(value, (_key, inner: AnyValue) => {
    if (inner instanceof Uint8Array) return base64OfBytes(inner)
    return typeof inner === 'bigint' || typeof inner === 'number' ? scalar(inner) : inner
  })
}

/** Text as it is, anything else as JSON; nothing is `''`. */
export function textOf(value: AnyValue | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : jsonText(value)
}
