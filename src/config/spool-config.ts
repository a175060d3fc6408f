/**
 * Reads TRACELOG_SPOOL and its kind: whether records that nobody answers for are kept on disk, and where.
 */
import { resolve } from 'node:path'

import type { FsyncMode } from '../segments/segment-writer.ts'
import { invalid, readChoice, readInteger, readText, type Env } from './env.ts'
import type { ProblemCollector } from './problems.ts'

export interface SpoolSettings {
  /** Absolute: the application may change its working directory. */
  readonly directory: string
  readonly isSync: boolean
  readonly maxBytes: number
  readonly fsync: FsyncMode
}

/** On disk, all segments of the service. Bytes. Source: spec, pipeline. */
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024
/** Four segments: below it nothing would be left when one is given up. Bytes. */
const MIN_MAX_BYTES = 16 * 1024 * 1024

const DEFAULT_FSYNC: FsyncMode = 'interval'

/** @returns undefined: no spool */
export function readSpool(env: Env, problems: ProblemCollector): SpoolSettings | undefined {
  const mode = problems.attempt(() => readChoice(env, 'TRACELOG_SPOOL', ['off', 'batched', 'sync']))
  const fsync = problems.attempt(() => readChoice<FsyncMode>(env, 'TRACELOG_SPOOL_FSYNC', ['each', 'interval', 'off']))
  const range = { min: MIN_MAX_BYTES, max: Number.MAX_SAFE_INTEGER }
  const maxBytes = problems.attempt(() => readInteger(env, 'TRACELOG_SPOOL_MAX_BYTES', range))
  const directory = readText(env, 'TRACELOG_SPOOL_DIR')
  if (directory === undefined) {
    problems.attempt(() => {
      if (mode === 'batched' || mode === 'sync') {
        throw invalid('TRACELOG_SPOOL', mode, 'off where TRACELOG_SPOOL_DIR names no directory')
      }
    })
    return undefined
  }
  if (mode === 'off') return undefined
  return {
    directory: resolve(directory),
    isSync: mode === 'sync',
    maxBytes: maxBytes ?? DEFAULT_MAX_BYTES,
    fsync: fsync ?? DEFAULT_FSYNC,
  }
}
