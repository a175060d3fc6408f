/**
 * Attributes and values in OTLP protobuf: KeyValue, AnyValue, lists and maps, to a nesting of 32.
 */
import { type AnyValue, type Attributes, setField } from './any-value.ts'
import { MAX_NESTING } from './otlp-data.ts'
import type { ProtoReader } from './proto-reader.ts'

/** The attributes of a message that holds nothing else of interest. */
export function onlyAttributes(reader: ProtoReader, fieldTag: number): Attributes {
  const attributes: Record<string, AnyValue> = {}
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === fieldTag) keyValue(reader, attributes, 0)
    else reader.skip(tag & 7)
  }
  return attributes
}

/** One KeyValue into `map`; a key without a value is null, a key sent twice has its last value. */
export function keyValue(reader: ProtoReader, map: Record<string, AnyValue>, depth: number): void {
  const outer = reader.enter()
  let key = ''
  let value: AnyValue = null
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) key = reader.key()
    else if (tag === 0x12) value = embeddedValue(reader, depth)
    else reader.skip(tag & 7)
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
      case 0x0a:
        value = reader.text()
        break
      case 0x10:
        value = reader.varint() !== 0
        break
      case 0x18:
        value = reader.int64()
        break
      case 0x21:
        value = reader.double()
        break
      case 0x2a:
        value = list(reader, depth + 1)
        break
      case 0x32: {
        const outer = reader.enter()
        const map: Record<string, AnyValue> = {}
        for (let inner = reader.tag(); inner !== 0; inner = reader.tag()) {
          if (inner === 0x0a) keyValue(reader, map, depth + 1)
          else reader.skip(inner & 7)
        }
        reader.leave(outer)
        value = map
        break
      }
      case 0x3a:
        value = reader.copy()
        break
      default:
        reader.skip(tag & 7)
    }
  }
  return value
}

function list(reader: ProtoReader, depth: number): AnyValue[] {
  const outer = reader.enter()
  const items: AnyValue[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) items.push(embeddedValue(reader, depth))
    else reader.skip(tag & 7)
  }
  reader.leave(outer)
  return items
}
