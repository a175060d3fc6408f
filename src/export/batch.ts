/**
 * Encoded records that wait or travel together: their bytes, and beside each what deciding about it needs.
 *
 * `bytes` is a chunk of otlp-encode.ts; record i is bytes[ends[i - 1], ends[i]). All arrays have the same length.
 */
import { assembleRequest, type ScopeRecords } from '../model/otlp-request.ts'
import { OWN_SCOPE_NUMBER, type ScopeTable } from './scope-table.ts'
import type { Signal } from './worker-protocol.ts'

export interface Batch {
  readonly signal: Signal
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: Int32Array
  /** 1 to 24. */
  readonly severities: Uint8Array
  readonly scopes: Uint16Array
  /** `tracelog.seq` of logs; the running number of spans. */
  readonly seqs: Float64Array
  /** When its first record was accepted, by performance.now. */
  readonly sinceMillis: number
}

/** How many records of the application it holds. */
export function recordsIn({ scopes }: Batch): number {
  let count = 0
  for (const scope of scopes) if (scope !== OWN_SCOPE_NUMBER) count++
  return count
}

/** All records of a batch, as lost. */
export function wholeOf(batch: Batch): Removed {
  return { count: recordsIn(batch), firstSeq: batch.seqs[0] ?? 0, lastSeq: batch.seqs.at(-1) ?? 0 }
}

/** Records of a batch that are no longer in it; ours are not counted. */
export interface Removed {
  readonly count: number
  readonly firstSeq: number
  readonly lastSeq: number
}

/** Two losses as one, so that they are said in one line. */
export function together(one: Removed | undefined, other: Removed): Removed {
  if (one === undefined) return other
  return {
    count: one.count + other.count,
    firstSeq: Math.min(one.firstSeq, other.firstSeq),
    lastSeq: Math.max(one.lastSeq, other.lastSeq),
  }
}

/** The whole request: records grouped by scope, in their order within each. */
export function requestOf(batch: Batch, resource: Uint8Array, scopes: ScopeTable): Uint8Array<ArrayBuffer> {
  const groups = new Map<number, { scope: Uint8Array; records: Uint8Array[] }>()
  let from = 0
  for (let i = 0; i < batch.ends.length; i++) {
    const scope = batch.scopes[i] as number
    if (i + 1 < batch.ends.length && batch.scopes[i + 1] === scope) continue
    let group = groups.get(scope)
    if (group === undefined) groups.set(scope, (group = { scope: scopes.encoded(scope), records: [] }))
    const to = batch.ends[i] as number
    group.records.push(batch.bytes.subarray(from, to))
    from = to
  }
  return assembleRequest([{ resource, scopes: [...groups.values()] satisfies ScopeRecords[] }])
}

/** Two batches of half the records each. The batch has at least two. */
export function halvesOf(batch: Batch): [Batch, Batch] {
  const middle = batch.ends.length >> 1
  return [part(batch, 0, middle), part(batch, middle, batch.ends.length)]
}

/**
 * The batch without its oldest records of one severity.
 *
 * @param bytes  how much is to go; the last record removed may go beyond
 */
export function without(batch: Batch, severity: number, bytes: number): { rest: Batch; removed: Removed } {
  const kept: number[] = []
  let count = 0
  let freed = 0
  let firstSeq = 0
  let lastSeq = 0
  for (let i = 0; i < batch.ends.length; i++) {
    if (freed >= bytes || batch.severities[i] !== severity) {
      kept.push(i)
      continue
    }
    freed += sizeAt(batch, i)
    if (batch.scopes[i] === OWN_SCOPE_NUMBER) continue
    lastSeq = batch.seqs[i] as number
    if (count++ === 0) firstSeq = lastSeq
  }
  return { rest: pick(batch, kept), removed: { count, firstSeq, lastSeq } }
}

function sizeAt(batch: Batch, i: number): number {
  return (batch.ends[i] as number) - (i === 0 ? 0 : (batch.ends[i - 1] as number))
}

function part(batch: Batch, from: number, to: number): Batch {
  const start = from === 0 ? 0 : (batch.ends[from - 1] as number)
  return {
    signal: batch.signal,
    bytes: batch.bytes.slice(start, batch.ends[to - 1]),
    ends: batch.ends.slice(from, to).map((end) => end - start),
    severities: batch.severities.slice(from, to),
    scopes: batch.scopes.slice(from, to),
    seqs: batch.seqs.slice(from, to),
    sinceMillis: batch.sinceMillis,
  }
}

function pick(batch: Batch, kept: readonly number[]): Batch {
  let length = 0
  for (const i of kept) length += sizeAt(batch, i)
  const bytes = new Uint8Array(length)
  const ends = new Int32Array(kept.length)
  let at = 0
  for (const [to, i] of kept.entries()) {
    const end = batch.ends[i] as number
    const start = end - sizeAt(batch, i)
    bytes.set(batch.bytes.subarray(start, end), at)
    ends[to] = at += end - start
  }
  const choose = <T extends Uint8Array | Uint16Array | Float64Array>(from: T, into: T): T => {
    for (const [to, i] of kept.entries()) into[to] = from[i] as number
    return into
  }
  return {
    signal: batch.signal,
    bytes,
    ends,
    severities: choose(batch.severities, new Uint8Array(kept.length)),
    scopes: choose(batch.scopes, new Uint16Array(kept.length)),
    seqs: choose(batch.seqs, new Float64Array(kept.length)),
    sinceMillis: batch.sinceMillis,
  }
}
