/**
 * Which columns a table of the store has: the fixed ones of each signal, and one per common attribute key.
 *
 * Hot tables (in memory), cold tables (in the file) and the views over both have the same columns in the same order; attribute
 * columns are named a0, a1 ... because DuckDB's names ignore case and attribute keys do not.
 */
import * as key from '../../model/semconv.ts'
import type { Signal } from '../../model/signal.ts'
import type { AttributeColumn } from './store.ts'

export type ColumnType =
  | 'BOOLEAN'
  | 'UTINYINT'
  | 'USMALLINT'
  | 'UINTEGER'
  | 'BIGINT'
  | 'UBIGINT'
  | 'DOUBLE'
  | 'UUID'
  | 'VARCHAR'

/** Bytes of one value in a DuckDB vector; VARCHAR is its 16-byte string_t. */
export const COLUMN_WIDTH: Readonly<Record<ColumnType, number>> = {
  BOOLEAN: 1,
  UTINYINT: 1,
  USMALLINT: 2,
  UINTEGER: 4,
  BIGINT: 8,
  UBIGINT: 8,
  DOUBLE: 8,
  UUID: 16,
  VARCHAR: 16,
}

/** DuckDB writes this many rows as one compressed row group, past its WAL. Cutting elsewhere left half the file as free blocks. */
export const ROW_GROUP_ROWS = 122_880
/** Rows of one data chunk. */
export const CHUNK_ROWS = 2_048
/** Attribute columns of a signal at most; the other keys stay in `rest`. */
export const MAX_ATTRIBUTE_COLUMNS = 100

export type LogColumn =
  | 'n'
  | 't'
  | 'seen'
  | 'bits'
  | 'sev'
  | 'sev_text'
  | 'event'
  | 'res'
  | 'scope'
  | 'trace'
  | 'span'
  | 'body'
  | 'dropped'
  | 'rest'
  | 'pattern'
export type SpanColumn =
  | 'n'
  | 't'
  | 'took'
  | 'flags'
  | 'kind'
  | 'status'
  | 'res'
  | 'scope'
  | 'trace'
  | 'span'
  | 'parent'
  | 'name'
  | 'status_text'
  | 'state'
  | 'events'
  | 'links'
  | 'dropped'
  | 'dropped_events'
  | 'dropped_links'
  | 'rest'

/** `?`: nullable. */
type ColumnSpec = ColumnType | `${ColumnType}?`

export interface FixedColumn<Name extends string = LogColumn | SpanColumn> {
  readonly name: Name
  readonly type: ColumnType
  readonly isNullable: boolean
}

/** `bits` of a log: W3C flags in the low 8 bits, and these. */
export const LOG_BITS = { timeAbsent: 0x100, observedAbsent: 0x200, bodyIsJson: 0x400 } as const

/**
 * Fixed columns. `n`: the row's number, rising in order of acknowledgement. `t`: time (a span's start), nanoseconds.
 * `seen`: observed time, as a difference to `t` in the cold table. `took`: a span's end, as a difference to `t` in the cold table.
 * `res`, `scope`: numbers into the dictionaries. `rest`, `events`, `links`: JSON (json-text.ts). Id 0 is "none".
 * `pattern`: which records say the same in other words; null in rows that were written before there were patterns.
 */
const LOG_COLUMNS: Readonly<Record<LogColumn, ColumnSpec>> = {
  n: 'BIGINT',
  t: 'BIGINT',
  seen: 'BIGINT',
  bits: 'USMALLINT',
  sev: 'UTINYINT',
  sev_text: 'VARCHAR',
  event: 'VARCHAR',
  res: 'UINTEGER',
  scope: 'UINTEGER',
  trace: 'UUID?',
  span: 'UBIGINT',
  body: 'VARCHAR?',
  dropped: 'UINTEGER',
  rest: 'VARCHAR?',
  pattern: 'UINTEGER?',
}
const SPAN_COLUMNS: Readonly<Record<SpanColumn, ColumnSpec>> = {
  n: 'BIGINT',
  t: 'BIGINT',
  took: 'BIGINT',
  flags: 'UINTEGER',
  kind: 'UTINYINT',
  status: 'UTINYINT',
  res: 'UINTEGER',
  scope: 'UINTEGER',
  trace: 'UUID?',
  span: 'UBIGINT',
  parent: 'UBIGINT',
  name: 'VARCHAR',
  status_text: 'VARCHAR',
  state: 'VARCHAR',
  events: 'VARCHAR?',
  links: 'VARCHAR?',
  dropped: 'UINTEGER',
  dropped_events: 'UINTEGER',
  dropped_links: 'UINTEGER',
  rest: 'VARCHAR?',
}

/** In the order of the tables. */
export const FIXED_COLUMNS: {
  readonly logs: readonly FixedColumn<LogColumn>[]
  readonly spans: readonly FixedColumn<SpanColumn>[]
} = { logs: listOf(LOG_COLUMNS), spans: listOf(SPAN_COLUMNS) }

function listOf<Name extends string>(specs: Readonly<Record<Name, ColumnSpec>>): FixedColumn<Name>[] {
  return (Object.entries(specs) as [Name, ColumnSpec][]).map(([name, spec]) => ({
    name,
    type: spec.replace('?', '') as ColumnType,
    isNullable: spec.endsWith('?'),
  }))
}

/** The column that is kept as a difference to `t`: in the cold table, and so in the views over both. */
export const RELATIVE_COLUMN: { readonly logs: LogColumn; readonly spans: SpanColumn } = { logs: 'seen', spans: 'took' }

type Initial = readonly (readonly [string, AttributeColumn['type']])[]

/** Columns that every store has from its first record: what our own records carry, and what the views name. */
export const INITIAL_ATTRIBUTES: Readonly<Record<Signal, Initial>> = {
  logs: [
    [key.ATTR_COMPONENT, 'VARCHAR'],
    [key.ATTR_HTTP_REQUEST_METHOD, 'VARCHAR'],
    [key.ATTR_URL_PATH, 'VARCHAR'],
    [key.ATTR_HTTP_ROUTE, 'VARCHAR'],
    [key.ATTR_HTTP_RESPONSE_STATUS_CODE, 'BIGINT'],
    [key.ATTR_RESPONSE_TIME_MS, 'DOUBLE'],
    [key.ATTR_CACHE_HIT, 'BOOLEAN'],
    [key.ATTR_CACHE_NAME, 'VARCHAR'],
    [key.ATTR_CACHE_OP, 'VARCHAR'],
    [key.ATTR_ELAPSED_MS, 'DOUBLE'],
    [key.ATTR_SEQ, 'BIGINT'],
    [key.ATTR_PARENT_SPAN_ID, 'VARCHAR'],
    [key.ATTR_UPSTREAM, 'VARCHAR'],
    [key.ATTR_ERROR_TYPE, 'VARCHAR'],
    [key.ATTR_EXCEPTION_TYPE, 'VARCHAR'],
    [key.ATTR_EXCEPTION_MESSAGE, 'VARCHAR'],
  ],
  spans: [
    [key.ATTR_COMPONENT, 'VARCHAR'],
    [key.ATTR_HTTP_REQUEST_METHOD, 'VARCHAR'],
    [key.ATTR_URL_PATH, 'VARCHAR'],
    [key.ATTR_HTTP_ROUTE, 'VARCHAR'],
    [key.ATTR_HTTP_RESPONSE_STATUS_CODE, 'BIGINT'],
    [key.ATTR_SERVER_ADDRESS, 'VARCHAR'],
    [key.ATTR_SERVER_PORT, 'BIGINT'],
    [key.ATTR_CACHE_HIT, 'BOOLEAN'],
    [key.ATTR_CACHE_NAME, 'VARCHAR'],
    [key.ATTR_CACHE_OP, 'VARCHAR'],
    [key.ATTR_DB_SYSTEM_NAME, 'VARCHAR'],
    [key.ATTR_ERROR_TYPE, 'VARCHAR'],
  ],
}
