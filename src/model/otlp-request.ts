/**
 * How do encoded records become a request? Resource and scope once, the records' bytes as they are.
 *
 * ExportLogsServiceRequest and ExportTraceServiceRequest have the same shape, field by field: one
 * function serves both signals.
 */
import { allocateBytes } from './bytes.ts'
import type { InstrumentationScope, Resource } from './log-record.ts'
import { REQUEST, RESOURCE, RESOURCE_ITEMS, SCOPE, SCOPE_ITEMS } from './otlp-schema.ts'
import { putVarint, varintLength } from './proto-key.ts'
import { ProtoWriter } from './proto-writer.ts'

/** The records of one scope: chunks of otlp-encode.ts, or parts of them. */
export interface ScopeRecords {
  /** From `encodeScope`. */
  readonly scope: Uint8Array
  readonly records: readonly Uint8Array[]
}

/** The records of one resource. */
export interface ResourceRecords {
  /** From `encodeResource`. */
  readonly resource: Uint8Array
  readonly scopes: readonly ScopeRecords[]
}

const LENGTH_BYTES = 3

/** The resource as it stands in a request, tag and length included; once per process. */
export function encodeResource(resource: Resource): Uint8Array {
  const writer = new ProtoWriter(1024)
  const at = writer.begin(RESOURCE_ITEMS.resource, LENGTH_BYTES)
  writer.attributes(RESOURCE.attributes, resource.attributes)
  writer.end(at, LENGTH_BYTES)
  return new Uint8Array(writer.bytes.subarray(0, writer.pos))
}

/** The scope as it stands in a request, tag and length included; once per scope. */
export function encodeScope(scope: InstrumentationScope): Uint8Array {
  const writer = new ProtoWriter(256)
  const at = writer.begin(SCOPE_ITEMS.scope, LENGTH_BYTES)
  if (scope.name !== '') writer.textField(SCOPE.name, scope.name)
  if (scope.version !== '') writer.textField(SCOPE.version, scope.version)
  if (scope.attributes !== undefined) writer.attributes(SCOPE.attributes, scope.attributes)
  writer.end(at, LENGTH_BYTES)
  return new Uint8Array(writer.bytes.subarray(0, writer.pos))
}

/**
 * A whole request as pieces to be written one after the other: the given bytes are not copied.
 *
 * Scopes without records are left out; no records at all give no pieces.
 */
export function requestPieces(resources: readonly ResourceRecords[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (const { resource, scopes } of resources) {
    const inner: Uint8Array[] = []
    for (const { scope, records } of scopes) {
      const size = totalBytes(records)
      if (size > 0) inner.push(lengthPrefix(RESOURCE_ITEMS.scopes, scope.length + size), scope, ...records)
    }
    if (inner.length > 0)
      pieces.push(lengthPrefix(REQUEST.resources, resource.length + totalBytes(inner)), resource, ...inner)
  }
  return pieces
}

/**
 * A whole request in one piece.
 *
 * @param memory  so many bytes, of which all are overwritten. Default: of its own
 */
export function assembleRequest(
  resources: readonly ResourceRecords[],
  memory: (size: number) => Uint8Array<ArrayBuffer> = allocateBytes,
): Uint8Array<ArrayBuffer> {
  const pieces = requestPieces(resources)
  const request = memory(totalBytes(pieces))
  let at = 0
  for (const piece of pieces) {
    request.set(piece, at)
    at += piece.length
  }
  return request
}

function totalBytes(pieces: readonly Uint8Array[]): number {
  let size = 0
  for (const piece of pieces) size += piece.length
  return size
}

function lengthPrefix(tag: number, length: number): Uint8Array {
  const prefix = new Uint8Array(1 + varintLength(length))
  prefix[0] = tag
  putVarint(prefix, 1, length)
  return prefix
}
