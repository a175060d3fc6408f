/**
 * pino by hand: for bundled applications, whose copy of pino nobody can find. From 9.10 on pino is heard in bundles as well, and this adds
 * the levels that are off; before that, it is what makes its lines heard.
 *
 * A facade: the engine is the one that runs in this process; it is loaded and started at the first use otherwise.
 */
import { runningEngine } from './running-engine.ts'

/** The module `pino`, as `import pino from 'pino'` or `import * as pino from 'pino'` gives it. */
export type Pino = ((...args: never[]) => unknown) | { readonly pino?: unknown; readonly default?: unknown }

/**
 * Hears all loggers of this copy of pino.
 *
 * @returns undoes it. Calling either twice is harmless
 * @throws TRACELOG_CONFIG_INVALID on a wrong setting, when nothing is running yet
 */
export function instrumentPino(pino: Pino): () => void {
  return runningEngine().attach('pino', pino)
}
