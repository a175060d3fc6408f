/**
 * The store's file: its tables, its version, and how it is opened.
 *
 * `store.duckdb`: `meta`, `rolled` (how far each signal is committed), `attribute_column`, `resource`, `scope`, `service`,
 * `log_cold`, `span_cold`, `trace_index` with one row per trace, signal and roll, `log_minute`, `roll`, and what outlives a pruning:
 * `pin`, `log_pin`, `span_pin`, `tombstone`. How files of older versions become such a file: migrations.ts.
 * Beside it in memory, attached as `live`: the hot tables, copies of the dictionaries, and every view (views.ts).
 */
import { TracelogError } from '../../diag/errors.ts'
import { FIXED_COLUMNS, INITIAL_ATTRIBUTES } from './layout.ts'
import type { Signal } from '../../model/signal.ts'
import type { AttributeColumn } from './store.ts'

/** Written into each file. A program refuses files of a higher number. */
export const SCHEMA_VERSION = 2

export const SIGNALS: readonly Signal[] = ['logs', 'spans']

/** `log` and `span`: the first word of the tables of a signal. */
export function tableStem(signal: Signal): string {
  return signal === 'logs' ? 'log' : 'span'
}

/** How far a signal is committed. */
export interface RolledPosition {
  /** All requests of the signal up to this one are in the file. */
  readonly sequence: number
  /** A request of which the first `partialRows` rows are in the file; 0: none. */
  readonly partialSequence: number
  readonly partialRows: number
  /** The number of the next row. */
  readonly nextRow: number
}

/** Columns of the two dictionaries, in the file and in memory. */
export const RESOURCE_COLUMNS = 'id UINTEGER, service VARCHAR, instance VARCHAR, attributes VARCHAR, bytes BLOB'
export const SCOPE_COLUMNS = 'id UINTEGER, name VARCHAR, version VARCHAR, attributes VARCHAR, bytes BLOB'
/** Services in the order in which they were first seen: others count by these numbers, and they give each its colour. */
export const SERVICE_COLUMNS = 'id UINTEGER, name VARCHAR'

/**
 * What a row of `trace_index` says of the requests of its trace beyond its times: that one which began first (`root_…`, `method` to
 * `cache`; null without one), and how many rows there are. `outcome`: trace-roots.ts. `logs` is null where nothing of it was computed.
 */
export const ROOT_COLUMNS: readonly string[] = [
  'root_t BIGINT',
  'root_took BIGINT',
  'root_span UBIGINT',
  'root_res UINTEGER',
  'method VARCHAR',
  'path VARCHAR',
  'route VARCHAR',
  'status INTEGER',
  'outcome UTINYINT',
  'error_type VARCHAR',
  'cache BOOLEAN',
  'logs UINTEGER',
  'spans UINTEGER',
  'errors UINTEGER',
]

/**
 * The tables that version 2 brought, beside the pins. `log_minute`: records by minute since the epoch, number of the service and
 * severity. `roll`: which rows a roll wrote, from when to when, when they were received (nanoseconds) and in how many bytes.
 * `tombstone`: everything before `until` was pruned.
 */
export const TABLES_OF_VERSION_2: readonly string[] = [
  `CREATE TABLE store.service(${SERVICE_COLUMNS})`,
  'CREATE TABLE store.log_minute(m INTEGER, service UINTEGER, sev UTINYINT, c UINTEGER)',
  `CREATE TABLE store.roll(signal VARCHAR, first_n BIGINT, last_n BIGINT, from_t BIGINT, to_t BIGINT, received BIGINT,
    bytes BIGINT)`,
  'CREATE TABLE store.pin(trace UUID, note VARCHAR, "at" BIGINT, bytes BIGINT)',
  'CREATE TABLE store.tombstone(until BIGINT, "at" BIGINT, why VARCHAR, traces BIGINT, logs BIGINT, spans BIGINT)',
]

/** What creates the tables of a new file; to be run in one transaction: a file is whole or not there. */
export function schemaStatements(): string[] {
  return [
    'CREATE TABLE store.meta(version INTEGER)',
    `INSERT INTO store.meta VALUES (${SCHEMA_VERSION})`,
    'CREATE TABLE store.rolled(signal VARCHAR, seq BIGINT, partial_seq BIGINT, partial_rows BIGINT, next_row BIGINT)',
    'CREATE TABLE store.attribute_column(signal VARCHAR, name VARCHAR, key VARCHAR, type VARCHAR, mixed BOOLEAN)',
    `CREATE TABLE store.resource(${RESOURCE_COLUMNS})`,
    `CREATE TABLE store.scope(${SCOPE_COLUMNS})`,
    `CREATE TABLE store.trace_index(trace UUID, first BIGINT, last BIGINT, ${ROOT_COLUMNS.join(', ')})`,
    ...TABLES_OF_VERSION_2,
    ...SIGNALS.flatMap(signalStatements),
  ]
}

function signalStatements(signal: Signal): string[] {
  const initial = INITIAL_ATTRIBUTES[signal]
  const columns = initial.map(([key, type], i) => ({ key, column: `a${i}`, type, isMixed: false }))
  return [
    `INSERT INTO store.rolled VALUES ('${signal}', 0, 0, 0, 0)`,
    ...keptTables(signal).map((table) => `CREATE TABLE ${table}(${columnList(signal, columns, true)})`),
    ...columns.map((column) => insertColumn(signal, column)),
  ]
}

/** The tables of a signal in the file: all of them have the same columns. */
export function keptTables(signal: Signal): readonly string[] {
  return [`store.${tableStem(signal)}_cold`, `store.${tableStem(signal)}_pin`]
}

export function insertColumn(signal: Signal, { column, key, type }: AttributeColumn): string {
  return `INSERT INTO store.attribute_column VALUES ('${signal}', '${column}', ${quote(key)}, '${type}', false)`
}

/**
 * The columns of a table as DDL.
 *
 * @param isCold  zstd on bodies: 39 bytes a row less for text that scans half as fast; on other columns it made files larger
 */
export function columnList(signal: Signal, attributes: readonly AttributeColumn[], isCold: boolean): string {
  const fixed = FIXED_COLUMNS[signal].map(
    ({ name, type }) => `${name} ${type}${isCold && name === 'body' ? ' USING COMPRESSION zstd' : ''}`,
  )
  return [...fixed, ...attributes.map(({ column, type }) => `${column} ${type}`)].join(', ')
}

/** @throws TRACELOG_STORE_NEWER when the file was written by a later version of this program */
export function checkVersion(version: number): void {
  if (version <= SCHEMA_VERSION) return
  throw storeNewer(`The store has format ${version}, but must have format ${SCHEMA_VERSION} or older for this version`)
}

export function storeNewer(message: string, cause?: unknown): TracelogError {
  return new TracelogError(message, {
    code: 'TRACELOG_STORE_NEWER',
    hint: 'Use the newer tracelog that wrote it, or another directory (--data DIR); nothing was changed.',
    cause,
  })
}

/** A text as an SQL literal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
