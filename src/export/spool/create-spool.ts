/**
 * The spool of this process on a real disk.
 */
import { mkdir } from 'node:fs/promises'

import { wallMillis } from '../../diag/clock.ts'
import { diskFiles } from '../../segments/disk-files.ts'
import { ownersHere } from '../../segments/owner.ts'
import { type Composition, keyOf } from '../lane-spec.ts'
import type { Signal } from '../../model/signal.ts'
import { Spool, type SpoolOptions } from './spool.ts'
import type { SpoolConfig } from './spool-config.ts'

const DIRECTORY_MODE = 0o700

/** @param lanes  those of the sender; the ones with a spool are behind it */
export function createSpool(
  config: SpoolConfig,
  options: Pick<SpoolOptions, 'sender' | 'disowned' | 'tell'> & { readonly lanes: Composition },
): Spool {
  const keys: Partial<Record<Signal, string>> = {}
  for (const spec of options.lanes)
    if (spec.hasSpool === true && spec.signal !== 'metrics') keys[spec.signal] = keyOf(spec)
  return new Spool({
    ...options,
    config,
    lanes: keys,
    files: diskFiles(config.directory),
    owners: ownersHere(wallMillis),
    makeDirectory: async () => void (await mkdir(config.directory, { recursive: true, mode: DIRECTORY_MODE })),
    wallMillis,
  })
}
