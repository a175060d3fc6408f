/**
 * Every question that can be asked of what is stored: the one core behind the HTTP API, the page and the command line.
 *
 * show/ calls these functions and adds HTTP; the answers are those of model/api.ts. Times in requests: epoch nanoseconds
 * (model/page-request.ts turns `15m`, RFC 3339 and epoch text into them).
 */
import type {
  Cleared,
  Errors,
  Facets,
  Fields,
  Histogram,
  ListedLogsPage,
  LogRow,
  LogsAround,
  LogsPage,
  Patterns,
  RequestRow,
  RequestsPage,
  ServiceMap,
  RunDiff,
  RunRow,
  ServiceRow,
  TraceTree,
  TreeDiff,
} from '../../model/api.ts'
import type { CountRequest } from './count-request.ts'
import type { FacetsRequest } from './facets.ts'
import type { FieldsRequest } from './fields.ts'
import type { HistogramRequest } from './histogram.ts'
import type { PatternsRequest } from './pattern-groups.ts'

/** What every list takes. */
export interface PageRequest {
  /** Query text (grammar: query-text/parse.ts); default: everything. */
  readonly q?: string
  /** Included. Nanoseconds since the epoch; default: no bound. A `since:` in the text narrows it further. */
  readonly sinceUnixNano?: bigint
  /** Excluded. Nanoseconds since the epoch; default: no bound. */
  readonly untilUnixNano?: bigint
  /** By time; default `desc`, newest first. */
  readonly order?: 'asc' | 'desc'
  /** 1 to 5,000; default 200. Outside of it: TRACELOG_USAGE. */
  readonly limit?: number
  /** `next_cursor` of the page before. */
  readonly cursor?: string
}

/** Which records around one: so many before and after it, of all, or of its service or trace. */
export interface AroundRequest {
  readonly id: string
  readonly before: number
  readonly after: number
  readonly same: 'all' | 'service' | 'trace'
}

/** `format=otlp` of the logs page: ExportLogsServiceRequest in OTLP/JSON, value types intact. */
export interface OtlpLogsPage {
  readonly resourceLogs: readonly unknown[]
  readonly next_cursor: string | null
}
/** `format=otlp` of a trace: both signals in OTLP/JSON. */
export interface OtlpTrace {
  readonly resourceLogs: readonly unknown[]
  readonly resourceSpans: readonly unknown[]
}

/** The answer of `POST sql`. 64-bit numbers beyond 2^53 are strings. */
export interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  /** More than 10,000 rows: the rest is not here. */
  readonly truncated: boolean
}

/** The part `stored` of `GET status`. Times are RFC 3339, null when empty. */
export interface StoredNumbers {
  readonly logs: number
  readonly spans: number
  readonly traces: number
  readonly bytes: number
  /** Acknowledged, and in no answer yet. */
  readonly waiting_bytes: number
  readonly oldest: string | null
  readonly newest: string | null
}

/** What a tail hears. Each call may come from any turn of the event loop, never from inside `tail` itself. */
export interface TailListener {
  /** The tail listens. Whoever has heard nothing yet resumes after this id. */
  open(reached: string): void
  /**
   * A record that matches.
   *
   * @param reached  the id to resume after, once everything up to it was said. What arrives together comes in the order of its
   *   times and not of its ids, so only its last record has one.
   */
  log(row: LogRow, reached?: string): void
  /** A root request that matches: when it is first seen, and again whenever its row changed. At most five times a second each. */
  request(row: RequestRow): void
  /** So many records were left out because they came faster than they could be handed on. */
  gap(dropped: number): void
}

/**
 * Every answer holds what was acknowledged before the question came, unless the store is more than a second behind
 * (a disk that takes nothing): then what it has.
 */
export interface Query {
  /** @throws TRACELOG_QUERY_SYNTAX (a QuerySyntaxError, with `at`), TRACELOG_USAGE (limit, cursor) */
  logs(request: PageRequest): Promise<LogsPage>
  /** The same page with the head of each record and these fields alone. */
  listedLogs(request: PageRequest, fields: readonly string[]): Promise<ListedLogsPage>
  /** @returns undefined when there is no such record. @throws TRACELOG_USAGE when it is no id */
  log(id: string): Promise<LogRow | undefined>
  /** As `log`. */
  logsAround(request: AroundRequest): Promise<LogsAround | undefined>
  logsOtlp(request: PageRequest): Promise<OtlpLogsPage>
  /** One row per root request; `q` selects requests with at least one record or span that matches. */
  requests(request: PageRequest): Promise<RequestsPage>
  /**
   * One trace as a tree.
   *
   * @param id  32 hex digits, or a unique prefix of at least 8; any case, dashes allowed
   * @returns undefined when nothing is stored for it
   * @throws TRACELOG_USAGE when it is no such text, or when more than one trace begins with it (the message names some)
   */
  trace(id: string): Promise<TraceTree | undefined>
  traceOtlp(id: string): Promise<OtlpTrace | undefined>
  /** What differs between two traces, ids as for `trace`. @param a  the one that is compared with */
  diff(a: string, b: string): Promise<TreeDiff | undefined>
  /** The good request to compare a trace with. @returns undefined when nothing is stored for it, and when there is none */
  baseline(id: string): Promise<RequestRow | undefined>
  /** The newest first. @param limit  1 to 200 */
  runs(limit: number): Promise<readonly RunRow[]>
  /** @param name  `last`, `prev`, or what its id begins with. @returns undefined when there is none */
  run(name: string): Promise<RunRow | undefined>
  /** What differs between two runs, named as for `run`. @returns undefined when there is no such one */
  diffRuns(a: string, b: string): Promise<RunDiff | undefined>
  /** A query in which `run:last` and `run:prev` are ids, as `tail` needs it. @throws TRACELOG_QUERY_SYNTAX */
  withRunIds(q: string | undefined): Promise<string | undefined>
  /** @throws TRACELOG_QUERY_SYNTAX, TRACELOG_USAGE; as the three below */
  histogram(request: HistogramRequest): Promise<Histogram>
  facets(request: FacetsRequest): Promise<Facets>
  fields(request: FieldsRequest): Promise<Fields>
  patterns(request: PatternsRequest): Promise<Patterns>
  /** Those of one type and frame, as patterns. */
  errors(request: PatternsRequest): Promise<Errors>
  /** `q` selects traces, as for requests. */
  map(request: Omit<CountRequest, 'of'>): Promise<ServiceMap>
  /** In order of name. */
  services(): Promise<readonly ServiceRow[]>
  /** @throws TRACELOG_QUERY_SYNTAX, TRACELOG_QUERY_TIMEOUT */
  sql(text: string): Promise<SqlAnswer>
  stored(): Promise<StoredNumbers>
  /** Forgets what happened before then; undefined: everything. */
  clear(beforeUnixNano: bigint | undefined): Promise<Cleared>
  /**
   * Everything that arrives from now on and matches; with `afterId` (what `reached` told: SSE's Last-Event-ID) first what came since,
   * at most 5,000 records, the rest reported as a gap.
   *
   * @returns how to stop it
   * @throws TRACELOG_QUERY_SYNTAX at once, before anything is heard
   */
  tail(options: { readonly q?: string; readonly afterId?: string }, listener: TailListener): () => void
}
