/**
 * A backend in this process, with its database: started once more when DuckDB was missing, or damaged, and has been fetched.
 */
import type { RunningBackend } from '../../backend/start.ts'
import { readCacheDirectory, type BackendConfig } from '../../config/backend-config.ts'
import type { TracelogError } from '../../diag/errors.ts'
import type { Invocation } from '../command.ts'
import { dependencyVersion } from '../package-info.ts'
import { DUCKDB, duckdbFolder } from './fetch-duckdb.ts'
import { offerDuckdb } from './offer-duckdb.ts'

export async function startWithDuckdb(
  invocation: Invocation,
  config: BackendConfig,
  signal: AbortSignal,
): Promise<RunningBackend> {
  const { startBackend } = await import('../../backend/start.ts')
  const version = dependencyVersion(DUCKDB)
  const folder = duckdbFolder(readCacheDirectory(invocation.io.env), version)
  const withDuckdb = { ...config, duckdbDirectory: folder }
  try {
    return await startBackend(withDuckdb)
  } catch (error) {
    if ((error as Partial<TracelogError>).code !== 'TRACELOG_DUCKDB_MISSING') throw error
    await offerDuckdb(invocation, error as TracelogError, { version, folder, signal })
    return await startBackend(withDuckdb)
  }
}
