/**
 * The engine of this process, for the facades of bundled applications: the one that runs, or one that is started now.
 */
import { createRequire } from 'node:module'

interface Engine {
  attach(name: string, library: object): () => void
  write(name: string, transport: object, record: object): void
}

const ENGINE = Symbol.for('org.tracelog.v1')

/** @throws TRACELOG_CONFIG_INVALID on a wrong setting, when nothing is running yet */
export function runningEngine(): Engine {
  const running = (globalThis as { [ENGINE]?: Engine })[ENGINE]
  if (running !== undefined) return running
  const bundle = createRequire(import.meta.url)('./engine.cjs') as { start(): Engine }
  return bundle.start()
}
