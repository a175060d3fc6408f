/**
 * Attributes, bodies, events and links of a stored row: as plain values, and with the types they have in OTLP for who writes that.
 *
 * Plain values are made without the typed ones: a trace has many rows, and only `format=otlp` asks for types.
 */
import type { AnyValue, Attributes } from '../../../model/any-value.ts'
import type { SpanEvent, SpanLink } from '../../../model/span-record.ts'
import { parseJsonEntries, parseJsonText, type TypedEntries, type TypedValue } from '../../store/json-text.ts'
import { type ColumnValues, valueAt } from '../../store/row-blocks.ts'
import type { AttributeColumn, SqlValue } from '../../store/store.ts'
import { sqlText } from './sql-text.ts'

/** An attribute's column in one block of rows. */
export interface AttributeValues extends Pick<AttributeColumn, 'key' | 'type'> {
  readonly values: ColumnValues
}

/** What of a row its attributes are made of. */
export interface AttributeSource {
  readonly columns: readonly AttributeValues[]
  /** Which row of the block. */
  readonly row: number
  /** JSON of those without a column. */
  readonly rest: SqlValue
}

export function plainAttributes({ columns, row, rest }: AttributeSource): Attributes {
  const attributes: Record<string, AnyValue> = {}
  for (const { key, values } of columns) {
    const value = valueAt(values, row)
    if (value !== null) put(attributes, key, typeof value === 'bigint' ? plainInteger(value) : value)
  }
  if (typeof rest !== 'string') return attributes
  const others = plainEntries(rest)
  for (const key in others) put(attributes, key, others[key])
  return attributes
}

/** `__proto__` is a key like any other. */
function put(attributes: Record<string, AnyValue>, key: string, value: AnyValue | undefined): void {
  if (value === undefined) return
  if (key !== '__proto__') attributes[key] = value
  else Object.defineProperty(attributes, key, { value, enumerable: true, writable: true, configurable: true })
}

/** What JSON alone cannot say is marked by a `$`, or is an integer of so many digits that a number may not hold it. */
const NOT_PLAIN = /"\$|\d{16}/

function plainEntries(json: string): Attributes {
  return NOT_PLAIN.test(json) ? toAttributes(parseJsonEntries(json)) : (JSON.parse(json) as Attributes)
}

export function typedAttributes({ columns, row, rest }: AttributeSource): TypedEntries {
  const entries: (readonly [string, TypedValue])[] = []
  for (const { key, type, values } of columns) {
    const value = valueAt(values, row)
    if (value === null) continue
    if (type === 'BIGINT') entries.push([key, { type: 'int', value: value as bigint }])
    else if (type === 'DOUBLE') entries.push([key, { type: 'double', value: value as number }])
    else if (type === 'BOOLEAN') entries.push([key, { type: 'bool', value: value as boolean }])
    else entries.push([key, { type: 'string', value: sqlText(value) }])
  }
  return typeof rest === 'string' ? [...entries, ...parseJsonEntries(rest)] : entries
}

export function typedBody(body: SqlValue, isJson: boolean): TypedValue | undefined {
  if (typeof body !== 'string') return undefined
  return isJson ? parseJsonText(body) : { type: 'string', value: body }
}

export function plainBody(body: SqlValue, isJson: boolean): AnyValue | undefined {
  if (typeof body !== 'string') return undefined
  return isJson ? toValue(parseJsonText(body)) : body
}

/** Events or links. */
export function typedList(json: SqlValue): TypedEntries[] {
  if (typeof json !== 'string') return []
  const list = parseJsonText(json)
  return list.type === 'array' ? list.values.map((item) => (item.type === 'map' ? item.entries : [])) : []
}

/** Entries as a plain object; `__proto__` is a key like any other. */
export function toAttributes(entries: TypedEntries): Attributes {
  return Object.fromEntries(entries.map(([key, value]) => [key, toValue(value)]))
}

function toValue(value: TypedValue): AnyValue {
  switch (value.type) {
    case 'int':
      return plainInteger(value.value)
    case 'null':
      return null
    case 'array':
      return value.values.map(toValue)
    case 'map':
      return toAttributes(value.entries)
    default:
      return value.value
  }
}

function plainInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function partsOf(entries: TypedEntries): (name: string) => TypedValue | undefined {
  const map = new Map(entries)
  return (name) => map.get(name)
}

export function toEvent(entries: TypedEntries): SpanEvent {
  const part = partsOf(entries)
  return {
    timeUnixNano: intOf(part('t')),
    name: textOf(part('name')),
    attributes: attributesOf(part('attributes')),
    droppedAttributesCount: Number(intOf(part('dropped'))),
  }
}

export function toLink(entries: TypedEntries): SpanLink {
  const part = partsOf(entries)
  return {
    traceId: textOf(part('trace')),
    spanId: textOf(part('span')),
    traceState: textOf(part('state')),
    traceFlags: Number(intOf(part('flags'))) & 255,
    attributes: attributesOf(part('attributes')),
    droppedAttributesCount: Number(intOf(part('dropped'))),
  }
}

function intOf(value: TypedValue | undefined): bigint {
  return value?.type === 'int' ? value.value : 0n
}
function textOf(value: TypedValue | undefined): string {
  return value?.type === 'string' ? value.value : ''
}
function attributesOf(value: TypedValue | undefined): Attributes {
  return value?.type === 'map' ? toAttributes(value.entries) : {}
}
