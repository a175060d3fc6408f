/**
 * Writes OTLP AnyValues as the store's JSON (format: json-text.ts), from protobuf bytes to bytes.
 */
import { isUtf8 } from 'node:buffer'

import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from '../../model/otlp-schema.ts'
import type { ByteArena } from './byte-arena.ts'
import { MalformedError, type ProtoCursor } from './proto-cursor.ts'

/** Deeper values are cut to null: the receiver refuses requests nested deeper than this. */
const MAX_NESTING = 64

const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const HEX = '0123456789abcdef'

/**
 * Writes the AnyValue from the cursor to `end` and leaves the cursor there. An AnyValue without a value is null.
 */
export function writeAnyValue(cursor: ProtoCursor, end: number, out: ByteArena, depth: number = 0): void {
  if (cursor.at >= end || depth > MAX_NESTING) {
    out.ascii('null')
    cursor.at = end
    return
  }
  const tag = cursor.varint()
  switch (tag) {
    case ANY_VALUE.stringValue:
      writeText(cursor, cursor.end(end), out)
      break
    case ANY_VALUE.boolValue:
      out.ascii(cursor.varint() === 0 ? 'false' : 'true')
      break
    case ANY_VALUE.intValue:
      out.ascii(cursor.int64().toString())
      break
    case ANY_VALUE.doubleValue:
      checkRoom(cursor, end, 8)
      out.ascii(doubleText(cursor.double()))
      break
    case ANY_VALUE.arrayValue:
      writeArray(cursor, cursor.end(end), out, depth)
      break
    case ANY_VALUE.kvlistValue:
      writeMap(cursor, cursor.end(end), out, depth)
      break
    case ANY_VALUE.bytesValue:
      writeBytes(cursor, cursor.end(end), out)
      break
    default:
      // A kind of value newer than this program: kept as "no value".
      out.ascii('null')
  }
  cursor.at = end
}

function writeText(cursor: ProtoCursor, end: number, out: ByteArena): void {
  writeJsonString(cursor.bytes, cursor.at, end, out)
}

/** Writes UTF-8 bytes as a JSON string; bytes that are no UTF-8 become U+FFFD. */
export function writeJsonString(bytes: Buffer, start: number, end: number, out: ByteArena): void {
  // The longest escape is six bytes: reserved at once, so that the loop below writes without asking.
  out.reserve((end - start) * 6 + 2)
  const target = out.bytes
  let used = out.used
  let high = 0
  target[used++] = QUOTE
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    high |= byte
    if (byte >= 32 && byte !== QUOTE && byte !== BACKSLASH) target[used++] = byte
    else if (byte === QUOTE || byte === BACKSLASH) {
      target[used++] = BACKSLASH
      target[used++] = byte
    } else used += target.latin1Write(`\\u00${HEX[byte >> 4]}${HEX[byte & 15]}`, used)
  }
  target[used++] = QUOTE
  if (high > 127 && !isUtf8(bytes.subarray(start, end))) {
    out.text(JSON.stringify(bytes.utf8Slice(start, end)))
    return
  }
  out.used = used
}

/** A double always shows that it is one. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value) || Object.is(value, -0)) {
    return `{"$double":"${Object.is(value, -0) ? '-0' : String(value)}"}`
  }
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function writeArray(cursor: ProtoCursor, end: number, out: ByteArena, depth: number): void {
  out.byte(91)
  let isFirst = true
  while (cursor.at < end) {
    const tag = cursor.varint()
    if (tag !== ARRAY_VALUE.values) {
      cursor.skip(tag, end)
      continue
    }
    if (!isFirst) out.byte(COMMA)
    isFirst = false
    writeAnyValue(cursor, cursor.end(end), out, depth + 1)
  }
  out.byte(93)
}

function writeMap(cursor: ProtoCursor, end: number, out: ByteArena, depth: number): void {
  const isMarkedName = firstKeyByte(cursor, end) === 36
  if (isMarkedName) out.ascii('{"$map":')
  writeKeyValues(cursor, end, out, depth)
  if (isMarkedName) out.byte(125)
}

/** Writes a KeyValueList's entries as one JSON object. */
export function writeKeyValues(cursor: ProtoCursor, end: number, out: ByteArena, depth: number): void {
  out.byte(123)
  let isFirst = true
  while (cursor.at < end) {
    const tag = cursor.varint()
    if (tag !== KEY_VALUE_LIST.values) {
      cursor.skip(tag, end)
      continue
    }
    if (!isFirst) out.byte(COMMA)
    isFirst = false
    writeKeyValue(cursor, cursor.end(end), out, depth)
  }
  out.byte(125)
}

/** Writes one KeyValue as `"key":value`. */
export function writeKeyValue(cursor: ProtoCursor, end: number, out: ByteArena, depth: number): void {
  const key = cursor.find(KEY_VALUE.key, end)
  const value = cursor.find(KEY_VALUE.value, end)
  if (key === undefined) out.ascii('""')
  else writeJsonString(cursor.bytes, key[0], key[1], out)
  out.byte(58)
  if (value === undefined) out.ascii('null')
  else {
    cursor.at = value[0]
    writeAnyValue(cursor, value[1], out, depth + 1)
  }
  cursor.at = end
}

function firstKeyByte(cursor: ProtoCursor, end: number): number | undefined {
  const from = cursor.at
  const entry = cursor.find(KEY_VALUE_LIST.values, end)
  if (entry === undefined) return undefined
  cursor.at = entry[0]
  const key = cursor.find(KEY_VALUE.key, entry[1])
  cursor.at = from
  return key === undefined || key[0] === key[1] ? undefined : cursor.bytes[key[0]]
}

function writeBytes(cursor: ProtoCursor, end: number, out: ByteArena): void {
  out.ascii(`{"$bytes":"${cursor.bytes.base64Slice(cursor.at, end)}"}`)
}

function checkRoom(cursor: ProtoCursor, end: number, count: number): void {
  if (cursor.at + count > end) throw new MalformedError('A value leaves its field')
}
