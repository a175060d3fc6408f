/**
 * Where logs are read from: the one interface behind every reading command, whatever holds the logs.
 *
 * A source answers what it lists as its capabilities. Times, ids and shapes are those of model/api.ts, so that all sources
 * print alike.
 */
import type {
  Errors,
  Facets,
  Fields,
  Histogram,
  LogRow,
  LogsAround,
  LogsPage,
  Patterns,
  RequestRow,
  RequestsPage,
  ServiceMap,
  RuleStatus,
  RunDiff,
  RunRow,
  ServiceRow,
  TraceTree,
  TreeDiff,
} from '../model/api.ts'

/** Which records, in the query language of spec/backend. Absent text means all. */
export interface LogsQuery {
  readonly text?: string
  /** RFC 3339, nanoseconds since the epoch, or an age: `15m`, `2h`, `7d`. */
  readonly since?: string
  readonly until?: string
  /** `desc` (default): newest first. */
  readonly order?: 'asc' | 'desc'
  /** Records in one page, 1 to 5,000; default 200. */
  readonly limit?: number
  /** `next_cursor` of the page before. */
  readonly cursor?: string
}

/**
 * What a tail tells. `gap`: so many records were not shown, because the reader was too slow. `away`: nobody answers, and the tail
 * waits. `back`: the tail goes on where it was.
 */
export type TailEvent =
  | { readonly kind: 'log'; readonly row: LogRow }
  | { readonly kind: 'request'; readonly row: RequestRow }
  | { readonly kind: 'gap'; readonly dropped: number }
  | { readonly kind: 'away' | 'back' }

export interface TailOptions {
  /** Ends the tail. */
  readonly signal: AbortSignal
  /** Called once, when the source has begun to listen: what is written from here on will be seen. */
  readonly onOpen?: () => void
}

/** `format=otlp` of the logs page: OTLP/JSON, value types intact. */
export interface OtlpLogsPage {
  readonly resourceLogs: readonly unknown[]
  readonly next_cursor: string | null
}

/** `format=otlp` of a trace. */
export interface OtlpTrace {
  readonly resourceLogs: readonly unknown[]
  readonly resourceSpans: readonly unknown[]
}

/** @param id  `_id` of a record. before, after: records, 0 to 500 */
export interface AroundQuery {
  readonly id: string
  readonly before: number
  readonly after: number
}

/** What is counted, and for how long: the source answers with what it has then. */
export interface CountQuery extends Pick<LogsQuery, 'text' | 'since' | 'until'> {
  readonly of?: 'logs' | 'requests'
  /** Milliseconds, at most 10,000; default 250. */
  readonly budgetMillis?: number
}

/** How many in each step of time. */
export interface HistogramQuery extends CountQuery {
  readonly by?: 'level' | 'service' | 'outcome'
  /** Steps at most, 1 to 500; default 120. */
  readonly buckets?: number
  /** The step of an answer that this one is added to. Milliseconds. */
  readonly stepMillis?: number
}

/** How often which value: of records that match, the most frequent values of some keys. */
export interface FacetsQuery extends CountQuery {
  readonly fields: readonly string[]
  /** Values of each, 1 to 100; default 20. */
  readonly limit?: number
}

/** Which kinds of messages. */
export interface PatternsQuery extends Omit<CountQuery, 'of'> {
  /** 1 to 500; default 50. */
  readonly limit?: number
  /** A pattern of which no record is older is new. As `since`. */
  readonly newSince?: string
}

/** Which keys there are. */
export interface FieldsQuery extends Pick<LogsQuery, 'text'> {
  readonly prefix?: string
}

/**
 * What can be asked of a place that holds logs. A source answers some or all of these; the rest throws TRACELOG_NOT_SUPPORTED
 * (create-source.ts sees to that).
 *
 * Every method throws TracelogError: TRACELOG_BACKEND_UNREACHABLE when nobody answers (or answers with 401, 403, 429, 5xx),
 * TRACELOG_QUERY_SYNTAX when the text does not parse.
 *
 * Edge cases: an empty result is an empty page, never an error; an id that nobody knows is `undefined`; a prefix that
 * fits several traces is TRACELOG_USAGE.
 */
export interface SourceOperations {
  logs(query: LogsQuery): Promise<LogsPage>
  logsOtlp(query: LogsQuery): Promise<OtlpLogsPage>
  /** What was acknowledged before and behind one record. @returns undefined when no record has the id */
  logsAround(query: AroundQuery): Promise<LogsAround | undefined>
  /** One row per root request. */
  requests(query: LogsQuery): Promise<RequestsPage>
  /** @param idOrPrefix  a trace id or at least its first 8 characters */
  trace(idOrPrefix: string): Promise<TraceTree | undefined>
  /** The same, as it was received: OTLP/JSON, both signals. */
  traceOtlp(idOrPrefix: string): Promise<OtlpTrace | undefined>
  /**
   * What differs between two requests; ids as for `trace`.
   *
   * @param a  the one that is compared with. @returns undefined when nothing is known of one of them
   */
  diff(a: string, b: string): Promise<TreeDiff | undefined>
  /** The good request to compare with: of the newest that went well of the same service, method and route the one nearest to their median. */
  baseline(idOrPrefix: string): Promise<RequestRow | undefined>
  /** The newest first. @param limit  1 to 200 */
  runs(limit: number): Promise<readonly RunRow[]>
  /** @param a  `last`, `prev`, or what its id begins with. @returns undefined when there is no such run */
  diffRuns(a: string, b: string): Promise<RunDiff | undefined>
  /** MUST go on after a lost connection without showing a record twice, as far as the source can resume. */
  tail(text: string, options: TailOptions): AsyncIterable<TailEvent>
  histogram(query: HistogramQuery): Promise<Histogram>
  facets(query: FacetsQuery): Promise<Facets>
  /** Who has ever sent anything. */
  services(): Promise<readonly ServiceRow[]>
  fields(query: FieldsQuery): Promise<Fields>
  patterns(query: PatternsQuery): Promise<Patterns>
  /** Errors of one type and frame are one. */
  errors(query: PatternsQuery): Promise<Errors>
  /** Who calls whom. */
  map(query: Omit<CountQuery, 'of'>): Promise<ServiceMap>
  /** Exactly one SELECT; 10 s and 10,000 rows at most. @throws TRACELOG_USAGE with the database's reason */
  sql(statement: string): Promise<SqlAnswer>
  /** What a backend of ours says of itself. */
  status(): Promise<BackendStatus>
}

/** One thing that a source can be asked for. */
export type Capability = keyof SourceOperations

/** One place to read from. */
export interface LogSource extends SourceOperations {
  /** As in `--source`: `local`, `loki`, or a file. For messages. */
  readonly name: string
  /** What it answers; all else is TRACELOG_NOT_SUPPORTED. */
  readonly capabilities: ReadonlySet<Capability>
}

/** The answer to one SQL statement: rows in the order of the columns. */
export interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  /** More rows exist than were sent. */
  readonly truncated: boolean
}

/** What a backend says of itself. Unknown fields are ignored. */
export interface BackendStatus {
  readonly version: string
  readonly pid: number
  readonly started_at: string
  readonly data: string
  readonly ports: Readonly<Record<string, number>>
  readonly received: Readonly<Record<string, number>>
  readonly stored: Readonly<Record<string, number | string | null>>
  readonly journal: Readonly<Record<string, number>>
  /** Absent where the backend has no file of rules, and in older backends. */
  readonly rules?: readonly RuleStatus[]
}
