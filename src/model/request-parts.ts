/**
 * A whole request taken apart again into its records, without decoding them: to send it in halves, or many small ones as one.
 *
 * Only for requests of ours (otlp-request.ts): a resource and scopes as we encode them, records one after the other.
 */
import { hexOfBytes } from './bytes.ts'
import { assembleRequest, type ScopeRecords } from './otlp-request.ts'
import { REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } from './otlp-schema.ts'
import { ProtoReader } from './proto-reader.ts'

const NOTHING = new Uint8Array()

interface ScopeGroup {
  readonly scope: Uint8Array
  readonly records: Uint8Array[]
}

/** One field of a message. */
interface Field {
  /** Tag, length and content. */
  readonly whole: Uint8Array
  readonly content: Uint8Array
}

interface RecordOf {
  readonly resource: Uint8Array
  readonly scope: Uint8Array
  readonly record: Uint8Array
}

/** Two requests of half the records each; undefined for one of a single record. @throws for what is no request */
export function halvesOfRequest(request: Uint8Array): [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] | undefined {
  const records = recordsOf(request)
  if (records.length < 2) return undefined
  const middle = records.length >> 1
  return [assemble(records.slice(0, middle)), assemble(records.slice(middle))]
}

/** One request of all their records; equal resources and scopes stand in it once. @throws for what is no request */
export function mergeRequests(requests: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return assemble(requests.flatMap((request) => recordsOf(request)))
}

/** What a request of one resource holds, by scope. @throws for what is no request */
export function scopesOfRequest(request: Uint8Array): readonly ScopeRecords[] {
  const scopes = new Map<string, ScopeGroup>()
  for (const { scope, record } of recordsOf(request))
    entryOf(scopes, scope, () => ({ scope, records: [] })).records.push(record)
  return [...scopes.values()]
}

function recordsOf(request: Uint8Array): RecordOf[] {
  const records: RecordOf[] = []
  for (const { content } of fieldsOf(request, REQUEST.resources)) {
    const resource = fieldsOf(content, RESOURCE_ITEMS.resource)[0]?.whole ?? NOTHING
    for (const { content: ofScope } of fieldsOf(content, RESOURCE_ITEMS.scopes)) {
      const scope = fieldsOf(ofScope, SCOPE_ITEMS.scope)[0]?.whole ?? NOTHING
      for (const { whole } of fieldsOf(ofScope, SCOPE_ITEMS.items)) records.push({ resource, scope, record: whole })
    }
  }
  return records
}

/** The fields of a message that have this tag. */
function fieldsOf(bytes: Uint8Array, wanted: number): Field[] {
  const reader = new ProtoReader(bytes)
  const fields: Field[] = []
  for (let start = 0, tag = reader.tag(); tag !== 0; start = reader.pos, tag = reader.tag()) {
    if (tag !== wanted) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    const content = bytes.subarray(reader.pos, reader.end)
    reader.leave(outer)
    fields.push({ whole: bytes.subarray(start, reader.pos), content })
  }
  return fields
}

function assemble(records: readonly RecordOf[]): Uint8Array<ArrayBuffer> {
  const resources = new Map<string, { readonly resource: Uint8Array; readonly scopes: Map<string, ScopeGroup> }>()
  for (const { resource, scope, record } of records) {
    const ofResource = entryOf(resources, resource, () => ({ resource, scopes: new Map<string, ScopeGroup>() }))
    entryOf(ofResource.scopes, scope, () => ({ scope, records: [] })).records.push(record)
  }
  return assembleRequest(
    [...resources.values()].map(({ resource, scopes }) => ({ resource, scopes: [...scopes.values()] })),
  )
}

function entryOf<T>(map: Map<string, T>, bytes: Uint8Array, create: () => T): T {
  const key = hexOfBytes(bytes)
  const known = map.get(key)
  if (known !== undefined) return known
  const created = create()
  map.set(key, created)
  return created
}
