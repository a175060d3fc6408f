/**
 * Loads DuckDB when it is first needed. Only store/ names it; it is an optional peer, 71 MB that no production install carries.
 *
 * Rows go in through the C-like functions beneath the package (`@duckdb/node-bindings`), stated here as far as they are used:
 * the package's own appender costs a call per value.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { TracelogError } from '../../diag/errors.ts'

/** The version everything was tested with. Peer ranges cannot say it: its versions are prereleases, which no range matches. */
export const TESTED_DUCKDB_VERSION = '1.5.6-r.1'

export type DuckdbApi = typeof import('@duckdb/node-api')

/** Handles are opaque to us. */
export type Handle = object & { readonly __duckdb?: never }

/** The part of `@duckdb/node-bindings` in use. All of it is synchronous. */
export interface DuckdbBindings {
  readonly Type: Readonly<Record<string, number>>
  library_version(): string
  open(path: string, config: Handle): Promise<Handle>
  connect(database: Handle): Promise<Handle>
  close_sync(database: Handle): void
  create_config(): Handle
  set_config(config: Handle, name: string, option: string): void
  create_logical_type(type: number): Handle
  create_data_chunk(types: readonly Handle[]): Handle
  data_chunk_reset(chunk: Handle): void
  data_chunk_set_size(chunk: Handle, size: number): void
  data_chunk_get_vector(chunk: Handle, column: number): Handle
  vector_get_data(vector: Handle, byteCount: number): Uint8Array
  vector_get_validity(vector: Handle, byteCount: number): Uint8Array | null
  /** The bytes at the address that stands at this place of a buffer. */
  get_data_from_pointer(buffer: ArrayBuffer, place: number, byteCount: number): Uint8Array
  vector_ensure_validity_writable(vector: Handle): void
  vector_assign_string_element_len(vector: Handle, row: number, bytes: Uint8Array): void
  copy_data_to_vector(vector: Handle, to: number, source: ArrayBuffer, from: number, count: number): void
  copy_data_to_vector_validity(vector: Handle, to: number, source: ArrayBuffer, from: number, count: number): void
  appender_create_ext(connection: Handle, catalog: string, schema: string, table: string): Handle
  append_data_chunk(appender: Handle, chunk: Handle): void
  appender_flush_sync(appender: Handle): void
  appender_close_sync(appender: Handle): void
}

export interface Duckdb {
  readonly api: DuckdbApi
  readonly bindings: DuckdbBindings
}

/**
 * Looks beside this package, then in the project that runs it (a tracelog that is installed globally or by npx has no peers), then
 * in the folder that `tracelog dev` fetches it into. One that does not load is passed over.
 *
 * @param fetched  that folder, if there may be one
 * @throws TRACELOG_DUCKDB_MISSING when none is installed, or none has a binary for this platform
 */
export async function loadDuckdb(fetched?: string): Promise<Duckdb> {
  const places = [import.meta.url, join(process.cwd(), 'package.json')]
  if (fetched !== undefined) places.push(join(fetched, 'package.json'))
  let cause: unknown
  for (const place of places) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next one is looked for when this one is none
      return await loadFrom(place)
    } catch (error) {
      cause ??= error
    }
  }
  throw new TracelogError('@duckdb/node-api is not installed, but must be for the local backend', {
    code: 'TRACELOG_DUCKDB_MISSING',
    hint: `Run: npm i -D @duckdb/node-api@${TESTED_DUCKDB_VERSION} (or tracelog dev --yes, which fetches it once for all projects)`,
    cause,
  })
}

async function loadFrom(place: string): Promise<Duckdb> {
  const entry = createRequire(place).resolve('@duckdb/node-api')
  const api = (await import(pathToFileURL(entry).href)) as DuckdbApi
  // Resolved from the package that brings them along, so that both are of one version.
  const fromApi = createRequire(entry)
  return { api, bindings: fromApi('@duckdb/node-bindings') as DuckdbBindings }
}
