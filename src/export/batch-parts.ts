/**
 * Which records of a batch go, and which stay: halves, and what has to make room.
 */
import { OWN_SCOPE_NUMBER, recordsIn, type EncodedBatch } from '../model/encoded-batch.ts'

/** Records of a batch that are no longer in it; ours are not counted. */
export interface Removed {
  readonly count: number
  readonly firstSeq: number
  readonly lastSeq: number
}

/** All records of a batch, as lost. */
export function wholeOf(batch: EncodedBatch): Removed {
  return { count: recordsIn(batch), firstSeq: batch.seqs[0] ?? 0, lastSeq: batch.seqs.at(-1) ?? 0 }
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

/** Two batches of half the records each. The batch has at least two. */
export function halvesOf(batch: EncodedBatch): [EncodedBatch, EncodedBatch] {
  const middle = batch.ends.length >> 1
  return [part(batch, 0, middle), part(batch, middle, batch.ends.length)]
}

/**
 * The batch without its oldest records of one rank.
 *
 * @param bytes  how much is to go; the last record removed may go beyond
 */
export function without(
  batch: EncodedBatch,
  rank: number,
  bytes: number,
): { readonly rest: EncodedBatch; readonly removed: Removed } {
  const kept: number[] = []
  let count = 0
  let freed = 0
  let firstSeq = 0
  let lastSeq = 0
  for (let i = 0; i < batch.ends.length; i++) {
    if (freed >= bytes || batch.ranks[i] !== rank) {
      kept.push(i)
      continue
    }
    freed += sizeAt(batch, i)
    if (batch.scopeOf[i] === OWN_SCOPE_NUMBER) continue
    lastSeq = batch.seqs[i] as number
    if (count++ === 0) firstSeq = lastSeq
  }
  return { rest: pick(batch, kept), removed: { count, firstSeq, lastSeq } }
}

function sizeAt(batch: EncodedBatch, i: number): number {
  return (batch.ends[i] as number) - (i === 0 ? 0 : (batch.ends[i - 1] as number))
}

function part(batch: EncodedBatch, from: number, to: number): EncodedBatch {
  const start = from === 0 ? 0 : (batch.ends[from - 1] as number)
  const severities = batch.severities.slice(from, to)
  return {
    ...batch,
    bytes: batch.bytes.slice(start, batch.ends[to - 1]),
    ends: batch.ends.slice(from, to).map((end) => end - start),
    severities,
    ranks: batch.ranks === batch.severities ? severities : batch.ranks.slice(from, to),
    scopeOf: batch.scopeOf.slice(from, to),
    seqs: batch.seqs.slice(from, to),
  }
}

function pick(batch: EncodedBatch, kept: readonly number[]): EncodedBatch {
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
  const severities = choose(batch.severities, new Uint8Array(kept.length))
  return {
    ...batch,
    bytes,
    ends,
    severities,
    ranks: batch.ranks === batch.severities ? severities : choose(batch.ranks, new Uint8Array(kept.length)),
    scopeOf: choose(batch.scopeOf, new Uint16Array(kept.length)),
    seqs: choose(batch.seqs, new Float64Array(kept.length)),
  }
}
