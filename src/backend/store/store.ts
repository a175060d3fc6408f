/**
 * What a store of logs and spans must do: the contract between the journal (which feeds it), query/ (which reads it) and
 * start.ts (which starts and stops it).
 *
 * The journal is the truth; a store is derived from it. test/contract/store.contract.ts is this file as a suite.
 */
import type { Attributes } from '../../model/any-value.ts'
import type { Cleared } from '../../model/api.ts'
import type { LogRecord } from '../../model/log-record.ts'
import type { Signal } from '../../model/signal.ts'
import type { RowBlock } from './row-blocks.ts'
import type { SqlValue } from './sql-value.ts'

export type { SqlValue } from './sql-value.ts'
import type { SpanRecord } from '../../model/span-record.ts'

/** One journaled request. */
export interface StoreRequest {
  /** The journal's number of this request: a whole number >= 1, rising by any step, the same for both signals. */
  readonly sequence: number
  readonly signal: Signal
  /** OTLP protobuf: an ExportLogsServiceRequest or an ExportTraceServiceRequest. The store takes it over: its buffer may move to another thread. */
  readonly bytes: Uint8Array
  /** When the receiver had it. Nanoseconds since the epoch; stands in for records that carry no time. */
  readonly receivedUnixNano: bigint
}

/** What a store already holds, known once it is started. */
export interface StorePosition {
  /** Every request up to this number is in the store for good: the journal need not keep it. 0 for an empty store. */
  readonly committedSequence: number
  /** The highest number the store has ever committed. The journal MUST go on above it. 0 for an empty store. */
  readonly lastSequence: number
}

/** What a store holds now, and what it could not take. */
export interface StoreStats {
  readonly logs: number
  readonly spans: number
  /** Distinct traces, estimated (within a few per cent). */
  readonly traces: number
  /** Of the store's files. */
  readonly bytes: number
  /** Time of the oldest and newest record or span. Nanoseconds since the epoch; undefined when empty. */
  readonly oldestUnixNano: bigint | undefined
  readonly newestUnixNano: bigint | undefined
  /** Requests that turned out not to be OTLP; what came before the fault in them was kept. */
  readonly corruptRequests: number
  /** Appended and not yet decoded. */
  readonly undecodedBytes: number
  readonly undecodedRequests: number
  /** Rolls that failed (a full disk ...); they are tried again, nothing is lost while the journal keeps the requests. */
  readonly failedRolls: number
  readonly committedSequence: number
}

/** A decoded record with who sent it; what tail shows. */
export interface LiveLog {
  /** The row's number in the store: rises in order of acknowledgement. LogRow.id is its decimal text. */
  readonly row: bigint
  readonly record: LogRecord
  readonly resource: Attributes
  readonly scope: string
}
export interface LiveSpan {
  readonly row: bigint
  readonly span: SpanRecord
  readonly resource: Attributes
  readonly scope: string
}
/** What one request held, handed out before it is stored. */
export interface LiveBatch {
  readonly logs: readonly LiveLog[]
  readonly spans: readonly LiveSpan[]
  /** Records and spans left out of this batch because there were more than a reader can take (10,000 a batch). */
  readonly dropped: number
}

/** A value bound to a `?` of a query. */
export type SqlParameter = string | number | bigint | boolean | null

export interface ReadOptions {
  /** Interrupted after this. Milliseconds; default 10_000. */
  readonly timeoutMillis?: number
  /** Rows handed back at most; `truncated` says when there were more. Default 100_000. */
  readonly maxRows?: number
}
export interface ReadResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly SqlValue[])[]
  readonly truncated: boolean
}

/** A question for rows of one signal, each once: see `Store.readRows`. */
export interface RowsQuestion {
  readonly signal: Signal
  /** By the names of layout.ts, and attribute columns: what is answered, in this order. */
  readonly columns: readonly string[]
  /** Over any of the signal's columns, `?` bound in order. */
  readonly where: { readonly sql: string; readonly parameters?: readonly SqlParameter[] }
  /** All rows that are asked for are of this time (`t`): tables in memory without such rows are left out. */
  readonly range?: { readonly from: bigint; readonly to: bigint } | undefined
  /** QUALIFY, ORDER BY, LIMIT: over `columns` alone. */
  readonly order?: string
}

/**
 * How the attributes of a signal are laid out, for query/ to write SQL with: `column` of the views `log_rows` and `span_rows`,
 * or else inside their `rest` (JSON).
 */
export interface AttributeColumn {
  readonly key: string
  readonly column: string
  readonly type: 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN'
  /** Values of another type than the column's were seen for this key: those are in `rest`. */
  readonly isMixed: boolean
}

/**
 * A store.
 *
 * MUST:
 * - keep every request whose number it reports as committed through any crash of process or machine;
 * - skip, in `append`, what it already has: a journal replayed from any point at or below `committedSequence` + 1 leaves each
 *   record in the store exactly once (also when a crash fell between the rolls of the two signals, or inside a request);
 * - make a record visible to `read` at most 100 ms after its request was decoded, and only whole: never twice, never not at all,
 *   also while it is being moved from memory to disk;
 * - hand records to the listeners of `onLive` before they are visible to `read`;
 * - go on after a corrupt request: count it, keep what was readable;
 * - hold at most 32 MiB of undecoded requests (one request may exceed it): `room` is what waits;
 * - give values back as they came: an int is not a double, bytes are bytes, nested values keep their shape.
 * MAY: reorder attributes within a record; answer `stats` up to a second late.
 *
 * Edge cases:
 * - a record without a time takes its observed time, else `receivedUnixNano`, and is still written out without one;
 * - an id of the wrong length, or all zeros, counts as absent; a span without a valid id is kept, with an empty id;
 * - `append` after `stop` is ignored (the journal replays it at the next start);
 * - an empty request (no records) only moves the position.
 */
export interface Store {
  /**
   * Opens or creates the store.
   *
   * @throws TRACELOG_DUCKDB_MISSING when the optional package is not installed
   * @throws TRACELOG_STORE_NEWER when a newer version of tracelog wrote it; the files are left as they are
   */
  start(): Promise<StorePosition>
  /** Takes one request, in rising order of `sequence`. Never throws, never blocks; ask `room` before acknowledging. */
  append(request: StoreRequest): void
  /** Resolves when fewer than 32 MiB are waiting to be decoded; at once when that is so already. Never rejects. */
  room(): Promise<void>
  /** Called with a request's number when all up to it are committed. @returns how to stop listening */
  onCommitted(listener: (sequence: number) => void): () => void
  /** Called for each decoded request while anybody listens (decoding for listeners costs time). @returns how to stop listening */
  onLive(listener: (batch: LiveBatch) => void): () => void
  /** Resolves when everything appended before the call is visible to `read`. */
  flush(): Promise<void>
  /**
   * Resolves when everything appended before the call is visible to `read`, like `flush`; but at the latest after a second, so
   * that a question is answered also while a disk takes nothing. At once when nothing is waiting. Never rejects.
   */
  caughtUp(): Promise<void>
  /** A short roll: everything appended before the call is committed when it resolves. For a journal that grows too large. */
  roll(): Promise<void>
  /**
   * Runs one SELECT of ours, with `?` bound in order, read-only.
   *
   * @throws TRACELOG_QUERY_TIMEOUT after `timeoutMillis`
   */
  read(sql: string, parameters?: readonly SqlParameter[], options?: ReadOptions): Promise<ReadResult>
  /** Rows of one signal as `read` would find them in its view, but planned for these columns alone. @throws as `read` */
  readRows(question: RowsQuestion, options?: ReadOptions): Promise<readonly RowBlock[]>
  /**
   * Runs a user's SQL over the views `logs`, `spans` and `traces`: exactly one SELECT, no files, no settings.
   *
   * @throws TRACELOG_QUERY_SYNTAX when it is anything else, or wrong; TRACELOG_QUERY_TIMEOUT after `timeoutMillis`
   */
  readUser(sql: string, options?: ReadOptions): Promise<ReadResult>
  /** The layout at this moment. Cheap: may be asked for each query. */
  columns(signal: Signal): readonly AttributeColumn[]
  stats(): Promise<StoreStats>
  /**
   * Forgets what was appended before and happened before that time, for good; pins stay.
   *
   * @param before  nanoseconds since the epoch; undefined: everything
   */
  clear(before: bigint | undefined): Promise<Cleared>
  /** A short roll, then everything is closed. Twice is harmless. */
  stop(): Promise<void>
}
