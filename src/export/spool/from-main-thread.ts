/**
 * What the application's own thread writes to the spool: records ahead of their batches, and at the end what no worker can write.
 *
 * Loaded with the export worker's bundle when it is needed, and not before: a start must not pay for it.
 */
import { wallMillis } from '../../diag/clock.ts'
import { recordsIn, requestOf, type EncodedBatch } from '../../model/encoded-batch.ts'
import type { Signal } from '../../model/signal.ts'
import { ownersHere } from '../../segments/owner.ts'
import { encodeService } from './segment-name.ts'
import type { SpoolConfig } from './spool-config.ts'
import { batchFrame } from './spool-format.ts'
import { type SyncPlace, SyncSegment } from './sync-segment.ts'
import { WriteAhead } from './write-ahead.ts'

/** @param resource  of this thread's batches */
export function createWriteAhead(config: SpoolConfig, resource: Uint8Array): WriteAhead {
  return new WriteAhead(placeOf(config), resource, config.maxBytes)
}

/**
 * Writes batches of one signal for the next process to send. Never throws.
 *
 * @returns how many of them, from the first one on, are on disk
 */
export function keepSync(config: SpoolConfig, batches: readonly EncodedBatch<Signal>[]): number {
  let kept = 0
  try {
    const segment = new SyncSegment(placeOf(config), batches[0]?.signal ?? 'logs')
    try {
      for (const batch of batches) {
        segment.append(Buffer.concat(batchFrame(entryOf(batch, kept))))
        kept++
      }
    } finally {
      segment.close()
    }
  } catch {
    // They are counted as lost by who asked.
  }
  return kept
}

function entryOf(batch: EncodedBatch<Signal>, id: number): Parameters<typeof batchFrame>[0] {
  const { signal, seqs } = batch
  return {
    id,
    signal,
    count: recordsIn(batch),
    firstSeq: seqs[0] ?? 0,
    lastSeq: seqs.at(-1) ?? 0,
    bytes: requestOf(batch),
  }
}

function placeOf({ directory, service, fsync }: SpoolConfig): SyncPlace {
  return { directory, service: encodeService(service), owner: ownersHere(wallMillis).own, fsync, wallMillis }
}
