/**
 * How the spool is set up: what config/ fills, and the worker is told.
 */
import type { FsyncMode } from '../../segments/segment-writer.ts'

export interface SpoolConfig {
  /** Absolute. */
  readonly directory: string
  /** Files of other services are left alone. */
  readonly service: string
  /** On disk, all segments of the service. Bytes. */
  readonly maxBytes: number
  readonly fsync: FsyncMode
  /** Each log record is on disk before the call that emitted it returns. */
  readonly isSync: boolean
}

/** A segment is followed by the next one at this size. Bytes. Source: spec, pipeline. */
export const SEGMENT_BYTES: number = 4 * 1024 * 1024
/** Between two forced writes of `interval`. Milliseconds. Source: spec, decisions. */
export const SYNC_MILLIS = 500
/** How long nothing is tried after the disk refused: resumed within 10 s after it is mended. Milliseconds. */
export const PAUSE_MILLIS = 5_000
