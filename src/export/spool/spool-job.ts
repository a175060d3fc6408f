/**
 * One request of what is on disk: one batch of it, several small ones together, or a part of one that was too large.
 */
import { halvesOfRequest, mergeRequests } from '../../model/request-parts.ts'
import type { Entry, EntryHead } from './spool-format.ts'

/** Batches below this are sent together with their neighbours: records that were written ahead one by one. Bytes. */
const SMALL_BYTES = 8 * 1024
/** Together no more than that. Bytes, batches. */
const JOB_BYTES = 512 * 1024
const JOB_ENTRIES = 512

export interface SpoolJob {
  /** Batches that are answered for when all parts of them are. */
  readonly ids: readonly number[]
  /** The records of this request. */
  readonly records: EntryHead
  /** In memory of its own, which may be handed away. */
  readonly bytes: () => Uint8Array<ArrayBuffer>
  /** Counts this part as answered. @returns whether it was the last one of its batches */
  readonly isLast: () => boolean
}

export function jobsOf(entries: readonly Entry[]): SpoolJob[] {
  const groups: Entry[][] = []
  let bytes = Infinity
  for (const entry of entries) {
    const isSmall = entry.bytes.length < SMALL_BYTES
    const group = groups.at(-1)
    if (group === undefined || !isSmall || bytes + entry.bytes.length > JOB_BYTES || group.length >= JOB_ENTRIES) {
      groups.push([entry])
      bytes = isSmall ? 0 : Infinity
    } else group.push(entry)
    bytes += entry.bytes.length
  }
  return groups.map(jobOf)
}

/** Two jobs of half the batches, or half the records, each; undefined for a single record. */
export function splitJob(job: SpoolJob): readonly [SpoolJob, SpoolJob] | undefined {
  const halves = attempt(() => halvesOfRequest(job.bytes()))
  if (halves === undefined) return undefined
  let left = 2
  const isLast = (): boolean => --left === 0 && job.isLast()
  const { count } = job.records
  const first = Math.min(count, Math.ceil(count / 2))
  const part = (bytes: Uint8Array<ArrayBuffer>, records: number): SpoolJob => ({
    ids: job.ids,
    records: { ...job.records, count: records },
    bytes: () => bytes.slice(),
    isLast,
  })
  return [part(halves[0], first), part(halves[1], count - first)]
}

function jobOf(entries: readonly Entry[]): SpoolJob {
  const [first] = entries as [Entry, ...Entry[]]
  return {
    ids: entries.map(({ id }) => id),
    records: {
      signal: first.signal,
      count: entries.reduce((sum, { count }) => sum + count, 0),
      firstSeq: Math.min(...entries.map(({ firstSeq }) => firstSeq)),
      lastSeq: Math.max(...entries.map(({ lastSeq }) => lastSeq)),
    },
    bytes: () => together(entries.map(({ bytes }) => bytes)),
    isLast: () => true,
  }
}

function together(requests: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const merged = requests.length === 1 ? undefined : attempt(() => mergeRequests(requests))
  // One request after the other is their union, as protobuf has it: only longer.
  return merged ?? Uint8Array.from(Buffer.concat(requests))
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
