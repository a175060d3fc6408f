/**
 * bunyan by hand, for bundled applications, whose copy of bunyan nobody can find. Where the preload finds it, this is not needed; with
 * it, nothing is written twice.
 */
import { runningEngine } from './running-engine.ts'

/** The module `bunyan`, as `import bunyan from 'bunyan'` gives it. */
export interface Bunyan {
  readonly prototype?: object
}

/**
 * Hears all loggers of this copy of bunyan, those made before too.
 *
 * @returns undoes it. Calling either twice is harmless
 * @throws TRACELOG_CONFIG_INVALID on a wrong setting, when nothing is running yet
 */
export function instrumentBunyan(bunyan: Bunyan): () => void {
  return runningEngine().attach('bunyan', bunyan)
}
