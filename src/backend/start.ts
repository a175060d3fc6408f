/**
 * The backend of `tracelog dev`: backend.ts around the store in DuckDB and the questions that can be asked of it.
 */
import type { BackendConfig } from '../config/backend-config.ts'
import { startBackendWith, type RunningBackend } from './backend.ts'
import { createQuery } from './query/create-query.ts'
import { createDuckdbStore } from './store/duckdb-store.ts'

export type { BackendReady, RunningBackend } from './backend.ts'

/** @throws as `startBackendWith`, and TRACELOG_DUCKDB_MISSING, TRACELOG_STORE_NEWER */
export async function startBackend(config: BackendConfig): Promise<RunningBackend> {
  return await startBackendWith(() => {
    const store = createDuckdbStore({ directory: config.dataDirectory })
    return { store, query: createQuery(store) }
  }, config)
}
