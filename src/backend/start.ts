/**
 * The backend as `tracelog dev` starts it: everything of backend.ts, over the DuckDB store.
 */
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'

import type { BackendConfig } from '../config/backend-config.ts'
import { say } from '../diag/events.ts'
import { type RunningBackend, startBackendWith } from './backend.ts'
import { createQuery } from './query/create-query.ts'
import { createDuckdbStore } from './store/duckdb-store.ts'

export type { RunningBackend } from './backend.ts'

/**
 * Starts a backend. Resolves when every port listens and the store answers.
 *
 * @throws TRACELOG_ALREADY_RUNNING, TRACELOG_PORT_IN_USE, TRACELOG_DUCKDB_MISSING, TRACELOG_STORE_NEWER,
 *   TRACELOG_CONFIG_INVALID; then nothing is left open
 */
export function startBackend(config: BackendConfig): Promise<RunningBackend> {
  return startBackendWith(({ dataDirectory, rebuild, duckdbDirectory }) => {
    const directory = join(dataDirectory, 'store')
    // The directory is locked by now: nobody else has the store open.
    if (rebuild) putAside(directory)
    const store = createDuckdbStore({ directory, duckdbDirectory })
    return { store, query: createQuery(store) }
  }, config)
}

/** Nothing is deleted: the journal holds what no roll has committed, the old store all that was committed before. */
function putAside(directory: string): void {
  if (!existsSync(directory)) return
  const aside = `${directory}.${new Date().toISOString().replaceAll(':', '-')}`
  renameSync(directory, aside)
  say('rebuild', `the store is built again from the journal; the old one is kept as ${aside}`)
}
