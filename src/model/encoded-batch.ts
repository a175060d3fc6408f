/**
 * Encoded records that wait or travel together: whole, so that a request, a file or another thread can be given it as it is.
 *
 * `bytes` is a chunk of otlp-encode.ts; record i is bytes[ends[i - 1], ends[i]). The arrays from `ends` to `seqs` have the same length.
 * Resource and scopes are encoded as they stand in a request, and shared by reference within one thread.
 */
import { assembleRequest, type ScopeRecords } from './otlp-request.ts'
import type { SentSignal } from './signal.ts'

export interface EncodedBatch<S extends SentSignal = SentSignal> {
  readonly signal: S
  /** From `encodeResource`. */
  readonly resource: Uint8Array
  /** From `encodeScope`; the first one is tracelog's own (`OWN_SCOPE_NUMBER`), used or not. */
  readonly scopes: readonly Uint8Array[]
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: Int32Array
  /** 1 to 24. */
  readonly severities: Uint8Array
  /** What goes first when there is no room: the lowest. The same array as `severities` where no record has a rank of its own. */
  readonly ranks: Uint8Array
  /** Index into `scopes`. */
  readonly scopeOf: Uint16Array
  /** `tracelog.seq` of logs; the running number of spans. */
  readonly seqs: Float64Array
  /** When its first record was accepted, by performance.now. */
  readonly sinceMillis: number
}

/** The index of tracelog's own scope: what it says of itself is not counted. */
export const OWN_SCOPE_NUMBER = 0

/** How many records of the application it holds. */
export function recordsIn({ scopeOf }: Pick<EncodedBatch, 'scopeOf'>): number {
  let count = 0
  for (const scope of scopeOf) if (scope !== OWN_SCOPE_NUMBER) count++
  return count
}

/**
 * The whole request: records grouped by scope, in their order within each.
 *
 * @param memory  as for `assembleRequest`
 */
export function requestOf(
  batch: EncodedBatch,
  memory?: (size: number) => Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const groups = new Map<number, { scope: Uint8Array; records: Uint8Array[] }>()
  let from = 0
  for (let i = 0; i < batch.ends.length; i++) {
    const number = batch.scopeOf[i] as number
    // Neighbours of one scope are one piece.
    if (i + 1 < batch.ends.length && batch.scopeOf[i + 1] === number) continue
    let group = groups.get(number)
    if (group === undefined) groups.set(number, (group = { scope: batch.scopes[number] as Uint8Array, records: [] }))
    const to = batch.ends[i] as number
    group.records.push(batch.bytes.subarray(from, to))
    from = to
  }
  const scopes = [...groups.values()] satisfies ScopeRecords[]
  return assembleRequest([{ resource: batch.resource, scopes }], memory)
}
