/**
 * How many records does a request hold, and is it well formed? Asked before a request is acknowledged, so that what is
 * acknowledged can be decoded later: the whole request is walked, nothing is made of it.
 */
import { MAX_NESTING } from './otlp-data.ts'
import { ProtoReader, WIRE_BYTES } from './proto-reader.ts'

/** The embedded messages of a message: tag -> what is inside; all other fields are only stepped over. */
interface Shape {
  readonly [tag: number]: Shape | undefined
}

/** A KeyValue's value is checked by `checkValue`, because it nests without end. */
const KEY_VALUE: Shape = {}
const ANY_VALUE: Shape = {}
const RESOURCE: Shape = { 0x0a: KEY_VALUE }
const SCOPE: Shape = { 0x1a: KEY_VALUE }
const LOG: Shape = { 0x2a: ANY_VALUE, 0x32: KEY_VALUE }
const SPAN: Shape = { 0x4a: KEY_VALUE, 0x5a: { 0x1a: KEY_VALUE }, 0x6a: { 0x22: KEY_VALUE }, 0x7a: {} }

/**
 * Validates an ExportLogsServiceRequest.
 *
 * @returns the number of log records
 * @throws OtlpDecodeError exactly when `decodeLogsRequest` would
 */
export function countLogs(bytes: Uint8Array): number {
  return count(bytes, LOG)
}

/** Like `countLogs`, for an ExportTraceServiceRequest and its spans. */
export function countSpans(bytes: Uint8Array): number {
  return count(bytes, SPAN)
}

function count(bytes: Uint8Array, record: Shape): number {
  const reader = new ProtoReader(bytes)
  let records = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== 0x0a) {
      reader.skip(tag & 7)
      continue
    }
    const outer = reader.enter()
    for (let inner = reader.tag(); inner !== 0; inner = reader.tag()) {
      if (inner === 0x12) records += countScope(reader, record)
      else if (inner === 0x0a) check(reader, RESOURCE)
      else reader.skip(inner & 7)
    }
    reader.leave(outer)
  }
  return records
}

function countScope(reader: ProtoReader, record: Shape): number {
  let records = 0
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x12) {
      check(reader, record)
      records++
    } else if (tag === 0x0a) check(reader, SCOPE)
    else reader.skip(tag & 7)
  }
  reader.leave(outer)
  return records
}

function check(reader: ProtoReader, shape: Shape): void {
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    const inner = (tag & 7) === WIRE_BYTES ? shape[tag] : undefined
    if (inner === undefined) reader.skip(tag & 7)
    else if (inner === KEY_VALUE) checkKeyValue(reader, 0)
    else if (inner === ANY_VALUE) checkValue(reader, 0)
    else check(reader, inner)
  }
  reader.leave(outer)
}

function checkKeyValue(reader: ProtoReader, depth: number): void {
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x12) checkValue(reader, depth)
    else reader.skip(tag & 7)
  }
  reader.leave(outer)
}

function checkValue(reader: ProtoReader, depth: number): void {
  if (depth > MAX_NESTING) reader.fail(`values nested more than ${MAX_NESTING} deep`)
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x2a || tag === 0x32) checkItems(reader, tag === 0x32, depth + 1)
    else reader.skip(tag & 7)
  }
  reader.leave(outer)
}

function checkItems(reader: ProtoReader, areKeyValues: boolean, depth: number): void {
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== 0x0a) reader.skip(tag & 7)
    else if (areKeyValues) checkKeyValue(reader, depth)
    else checkValue(reader, depth)
  }
  reader.leave(outer)
}
