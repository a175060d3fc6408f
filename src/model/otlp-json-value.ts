/**
 * Attributes and values in OTLP/JSON, both ways: `{ key, value: { stringValue } }` to plain values and back.
 */
import { type AnyValue, type Attributes, setField } from './any-value.ts'
import { base64OfBytes, bytesOfBase64 } from './bytes.ts'
import { JsonFields, objectsOf } from './json-fields.ts'
import { MAX_NESTING } from './otlp-data.ts'
import { DOUBLE_KEYS } from './semconv.ts'

/** The field `attributes` of a message. */
export function jsonAttributes(fields: JsonFields): Attributes {
  return mapOf(fields, 'attributes', 0)
}

function mapOf(fields: JsonFields, name: string, depth: number): Attributes {
  const map: Record<string, AnyValue> = {}
  for (const pair of objectsOf(fields, name)) {
    const value = pair.object('value')
    setField(map, pair.text('key'), value === undefined ? null : jsonValue(value, depth))
  }
  return map
}

/** An AnyValue; one without a known field is null. */
export function jsonValue(fields: JsonFields, depth: number): AnyValue {
  if (depth > MAX_NESTING) return fields.fail('', `nested at most ${MAX_NESTING} deep`)
  if (fields.raw('stringValue') !== undefined) return fields.text('stringValue')
  const bool = fields.raw('boolValue')
  if (bool !== undefined) return typeof bool === 'boolean' ? bool : fields.fail('boolValue', 'true or false')
  if (fields.raw('intValue') !== undefined) return intValue(fields)
  if (fields.raw('doubleValue') !== undefined) return doubleValue(fields)
  const array = fields.object('arrayValue')
  if (array !== undefined) return objectsOf(array, 'values').map((item) => jsonValue(item, depth + 1))
  const list = fields.object('kvlistValue')
  if (list !== undefined) return mapOf(list, 'values', depth + 1)
  if (fields.raw('bytesValue') === undefined) return null
  return bytesOfBase64(fields.text('bytesValue')) ?? fields.fail('bytesValue', 'base64')
}

function intValue(fields: JsonFields): number | bigint {
  const value = fields.raw('intValue')
  if (typeof value === 'number' && Number.isInteger(value)) {
    return Number.isSafeInteger(value) ? value : BigInt.asIntN(64, BigInt(value))
  }
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value))
    return fields.fail('intValue', 'a 64-bit integer, as text or number')
  const number = Number(value)
  return Number.isSafeInteger(number) ? number + 0 : BigInt.asIntN(64, BigInt(value))
}

const NOT_FINITE: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
])

function doubleValue(fields: JsonFields): number {
  const value = fields.raw('doubleValue')
  if (typeof value === 'number') return value
  const special = NOT_FINITE.get(value)
  if (special !== undefined) return special
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  return Number.isNaN(number) ? fields.fail('doubleValue', 'a number') : number
}

/** An AnyValue as OTLP/JSON writes it. */
export type JsonAnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number | string }
  | { readonly arrayValue: { readonly values: readonly JsonAnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly JsonKeyValue[] } }
  | { readonly bytesValue: string }
  | Readonly<Record<string, never>>

export interface JsonKeyValue {
  readonly key: string
  readonly value: JsonAnyValue
}

/** Attributes as a list of key and value, in their order; `undefined` ones are absent. */
export function toJsonAttributes(attributes: Attributes): JsonKeyValue[] {
  const pairs: JsonKeyValue[] = []
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) pairs.push({ key, value: toJsonValue(value, DOUBLE_KEYS.has(key)) })
  }
  return pairs
}

/** @param isDouble  whole numbers are doubles too */
export function toJsonValue(value: AnyValue, isDouble = false): JsonAnyValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? { intValue: String(value) } : { stringValue: String(value) }
    case 'number':
      if (Object.is(value, -0)) return { doubleValue: '-0' }
      if (!isDouble && Number.isSafeInteger(value)) return { intValue: String(value) }
      return { doubleValue: Number.isFinite(value) ? value : String(value) }
    default:
      return toJsonContainer(value)
  }
}

function toJsonContainer(value: Exclude<AnyValue, string | number | boolean | bigint>): JsonAnyValue {
  if (value === null) return {}
  if (value instanceof Uint8Array) return { bytesValue: base64OfBytes(value) }
  if (Array.isArray(value))
    return { arrayValue: { values: (value as readonly AnyValue[]).map((item) => toJsonValue(item)) } }
  return { kvlistValue: { values: toJsonAttributes(value as Attributes) } }
}
