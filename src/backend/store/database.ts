/**
 * Opens the store's file and what lives in memory beside it, and refuses files that are not ours to change.
 */
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import type { DuckDBInstance } from '@duckdb/node-api'

import { TracelogError } from '../../diag/errors.ts'
import { loadDuckdb, type Duckdb, type Handle } from './duckdb-module.ts'
import { migrationFrom } from './migrations.ts'
import {
  checkVersion,
  RESOURCE_COLUMNS,
  schemaStatements,
  SCOPE_COLUMNS,
  SERVICE_COLUMNS,
  SIGNALS,
  storeNewer,
  tableStem,
  type RolledPosition,
} from './schema.ts'
import { SerialConnection } from './serial-connection.ts'
import { countsInFile, type SignalCounts } from './stored-counts.ts'
import type { Signal } from '../../model/signal.ts'
import type { AttributeColumn } from './store.ts'
import { indexStatement } from './trace-roots.ts'
import type { WorkerOptions } from './worker-protocol.ts'

/** The store's file in its directory. */
export const STORE_FILE = 'store.duckdb'
/** For DuckDB alone; hot tables are in it. */
const MEMORY_LIMIT = '512MB'
/** More threads than this make rolls no faster (measured: 2 cores), but long scans. */
const MAX_THREADS = 4

export interface Database {
  readonly duckdb: Duckdb
  readonly instance: DuckDBInstance
  /** For appenders. */
  readonly appendHandle: Handle
  /** For changes of tables and views. */
  readonly definitions: SerialConnection
  /** For rolls. */
  readonly rolls: SerialConnection
  readonly state: StoredState
  readonly file: string
}

/** What a file says about itself. */
export interface StoredState {
  readonly positions: Readonly<Record<Signal, RolledPosition>>
  readonly counts: Readonly<Record<Signal, SignalCounts>>
  readonly columns: Readonly<Record<Signal, readonly AttributeColumn[]>>
  readonly resources: readonly (readonly [number, Uint8Array])[]
  readonly scopes: readonly (readonly [number, Uint8Array])[]
  /** Names, by their numbers. */
  readonly services: readonly string[]
}

/**
 * @throws TRACELOG_DUCKDB_MISSING, TRACELOG_STORE_NEWER, TRACELOG_ALREADY_RUNNING (another process has the file open)
 */
export async function openDatabase({ directory, duckdbDirectory }: WorkerOptions): Promise<Database> {
  const duckdb = await loadDuckdb(duckdbDirectory)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, STORE_FILE)
  const handle = await openFile(duckdb, file, directory)
  const instance = new duckdb.api.DuckDBInstance(handle as never)
  const definitions = new SerialConnection(await instance.connect())
  try {
    await prepare(definitions)
    const state = await readState(definitions)
    await fillIndex(definitions, state.columns)
    const rolls = new SerialConnection(await instance.connect())
    const appendHandle = await duckdb.bindings.connect(handle)
    return { duckdb, instance, appendHandle, definitions, rolls, state, file }
  } catch (error) {
    await definitions.close()
    instance.closeSync()
    throw error
  }
}

async function openFile({ bindings }: Duckdb, file: string, directory: string): Promise<Handle> {
  const config = bindings.create_config()
  const options = {
    // Files in the default format lack the newer string codecs: 165 bytes a row instead of 134.
    storage_compatibility_version: 'latest',
    memory_limit: MEMORY_LIMIT,
    threads: String(Math.max(2, Math.min(MAX_THREADS, availableParallelism()))),
    temp_directory: join(directory, 'store.tmp'),
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
  }
  for (const [name, value] of Object.entries(options)) bindings.set_config(config, name, value)
  try {
    return await bindings.open(file, config)
  } catch (error) {
    throw explainOpening(error, file)
  }
}

function explainOpening(error: unknown, file: string): unknown {
  const message = error instanceof Error ? error.message : String(error)
  if (/newer|version number|storage version/i.test(message)) {
    return storeNewer(`${file} was written by a newer DuckDB, but must be readable by the one that is installed`, error)
  }
  if (!/lock/i.test(message)) return error
  const pid = /PID (\d+)/.exec(message)?.[1]
  return new TracelogError(
    `${file} is open in process ${pid ?? 'of another program'}, but must be open in no other process`,
    {
      code: 'TRACELOG_ALREADY_RUNNING',
      hint: 'Stop that process, or use another directory (--data DIR).',
      cause: error,
    },
  )
}

/** Tables in the file and in memory, and the settings that close the door behind us. */
async function prepare(connection: SerialConnection): Promise<void> {
  const tables = await connection.query(
    "SELECT 1 FROM duckdb_tables() WHERE database_name = 'store' AND table_name = 'meta'",
  )
  if (tables.length === 0) await connection.run(...schemaStatements())
  const [[version] = []] = await connection.query('SELECT version FROM store.meta')
  checkVersion(Number(version))
  const migration = migrationFrom(Number(version))
  if (migration.length > 0) await connection.run(...migration)
  await connection.run("ATTACH ':memory:' AS live")
  await connection.run(`CREATE TABLE live.resources(${RESOURCE_COLUMNS})`)
  await connection.run(`CREATE TABLE live.scopes(${SCOPE_COLUMNS})`)
  await connection.run(`CREATE TABLE live.services(${SERVICE_COLUMNS})`)
  await connection.run('INSERT INTO live.resources SELECT * FROM store.resource')
  await connection.run('INSERT INTO live.scopes SELECT * FROM store.scope')
  await connection.run('INSERT INTO live.services SELECT * FROM store.service')
  await connection.run('SET enable_external_access = false')
  await connection.run('SET lock_configuration = true')
}

/** Rolls of a program that did not say more of a trace than its times: what is missing is read from the rows, all or nothing. */
async function fillIndex(connection: SerialConnection, columns: StoredState['columns']): Promise<void> {
  const missing = await connection.query('SELECT 1 FROM store.trace_index WHERE logs IS NULL LIMIT 1')
  if (missing.length === 0) return
  const ofTable = (signal: Signal): string =>
    indexStatement(signal, { table: `store.${tableStem(signal)}_cold`, isHot: false, columns: columns[signal] })
  await connection.run('DELETE FROM store.trace_index', ...SIGNALS.map(ofTable))
}

async function readState(connection: SerialConnection): Promise<StoredState> {
  const positions = new Map<unknown, RolledPosition>()
  for (const [signal, ...numbers] of await connection.query('SELECT * FROM store.rolled')) {
    const [sequence = 0, partialSequence = 0, partialRows = 0, nextRow = 0] = numbers.map(Number)
    positions.set(signal, { sequence, partialSequence, partialRows, nextRow })
  }
  const columns = await connection.query(
    'SELECT signal, key, name, type, mixed FROM store.attribute_column ORDER BY rowid',
  )
  const columnsOf = (signal: Signal): AttributeColumn[] =>
    columns
      .filter((row) => row[0] === signal)
      .map(([, key, column, type, isMixed]) => ({ key, column, type, isMixed }) as AttributeColumn)
  const entries = async (table: string): Promise<[number, Uint8Array][]> =>
    (await connection.query(`SELECT id, bytes FROM store.${table} ORDER BY id`)) as unknown as [number, Uint8Array][]
  const [logs, spans] = SIGNALS.map((signal) => positions.get(signal))
  const none = { sequence: 0, partialSequence: 0, partialRows: 0, nextRow: 0 }
  return {
    positions: { logs: logs ?? none, spans: spans ?? none },
    counts: { logs: await readCounts(connection, 'logs'), spans: await readCounts(connection, 'spans') },
    columns: { logs: columnsOf('logs'), spans: columnsOf('spans') },
    resources: await entries('resource'),
    scopes: await entries('scope'),
    services: (await connection.query('SELECT name FROM store.service ORDER BY id')).map(([name]) => String(name)),
  }
}

/** Of what is in the file. */
export async function readCounts(connection: SerialConnection, signal: Signal): Promise<SignalCounts> {
  const [[rows, oldest, newest] = []] = await connection.query(countsInFile(signal))
  return { rows: Number(rows), oldest: timeOf(oldest), newest: timeOf(newest) }
}

function timeOf(value: unknown): bigint | undefined {
  return typeof value === 'bigint' ? value : undefined
}
