/**
 * Attributes and values in OTLP protobuf: KeyValue, AnyValue, lists and maps, to a nesting of 32.
 */
import { type AnyValue, type Attributes, setField } from './any-value.ts'
import { MAX_NESTING } from './otlp-data.ts'
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from './otlp-schema.ts'
import type { ProtoReader } from './proto-reader.ts'

/** The attributes of a message that holds nothing else of interest. */
export function onlyAttributes(reader: ProtoReader, fieldTag: number): Attributes {
  const attributes: Record<string, AnyValue> = {}
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === fieldTag) keyValue(reader, attributes, 0)
    else reader.skip(tag)
  }
  return attributes
}

/** One KeyValue into `map`; a key without a value is null, a key sent twice has its last value. */
export function keyValue(reader: ProtoReader, map: Record<string, AnyValue>, depth: number): void {
  const outer = reader.enter()
  let key = ''
  let value: AnyValue = null
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === KEY_VALUE.key) key = reader.key()
    else if (tag === KEY_VALUE.value) value = embeddedValue(reader, depth)
    else reader.skip(tag)
  }
  reader.leave(outer)
  setField(map, key, value)
}

/** An AnyValue behind its length. */
export function embeddedValue(reader: ProtoReader, depth: number): AnyValue {
  const outer = reader.enter()
  const value = anyValue(reader, depth)
  reader.leave(outer)
  return value
}

function anyValue(reader: ProtoReader, depth: number): AnyValue {
  if (depth > MAX_NESTING) return reader.fail(`values nested more than ${MAX_NESTING} deep`)
  let value: AnyValue = null
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case ANY_VALUE.stringValue:
        value = reader.text()
        break
      case ANY_VALUE.boolValue:
        value = reader.varint() !== 0
        break
      case ANY_VALUE.intValue:
        value = reader.int64()
        break
      case ANY_VALUE.doubleValue:
        value = reader.double()
        break
      case ANY_VALUE.arrayValue:
        value = list(reader, depth + 1)
        break
      case ANY_VALUE.kvlistValue: {
        const outer = reader.enter()
        const map: Record<string, AnyValue> = {}
        for (let inner = reader.tag(); inner !== 0; inner = reader.tag()) {
          if (inner === KEY_VALUE_LIST.values) keyValue(reader, map, depth + 1)
          else reader.skip(inner)
        }
        reader.leave(outer)
        value = map
        break
      }
      case ANY_VALUE.bytesValue:
        value = reader.copy()
        break
      default:
        reader.skip(tag)
    }
  }
  return value
}

function list(reader: ProtoReader, depth: number): AnyValue[] {
  const outer = reader.enter()
  const items: AnyValue[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === ARRAY_VALUE.values) items.push(embeddedValue(reader, depth))
    else reader.skip(tag)
  }
  reader.leave(outer)
  return items
}
