/**
 * The answers of the query API (spec/backend.md, contract v1). This file is the specification; the project's model/api.ts states the same types.
 * Times: *_at are RFC 3339 with milliseconds, *_ns are strings of nanoseconds since the epoch, *_ms are numbers.
 */

/** The head of a flat line (spec/flat-line.md), and what a reader needs beside it. */
export interface ListedRow {
  readonly _id: string // stable while the record is stored; order of ids = order of acknowledgement; read it by rowId (log-row.ts)
  readonly time_ns: string
  readonly timestamp: string
  readonly level: string
  readonly service: string
  readonly message: string
  readonly trace_id?: string
  readonly span_id?: string
  readonly [key: string]: unknown
}
/** The whole line. Unknown keys are attributes, verbatim: one that is called as `_id`, `observed_ns` or `anchor` keeps its name, and ours gets one more `_`. */
export interface LogRow extends ListedRow {
  readonly observed_ns: string
}
/** `fields=list`: the heads alone; `fields=a,b`: these too, where a row has them. */
export interface ListedLogsPage {
  readonly logs: readonly ListedRow[]
  readonly next_cursor: string | null
  readonly took_ms: number
}
/** In order of acknowledgement. The row that was asked for is marked with `anchor: true`. */
export interface LogsAround {
  readonly logs: readonly LogRow[]
}
export interface LogsPage {
  readonly logs: readonly LogRow[]
  readonly next_cursor: string | null
  readonly took_ms: number
}

/** `aborted`: the client went away. `running`: no end seen yet. */
export type Outcome = 'ok' | 'client_error' | 'error' | 'aborted' | 'running'

/** Where the time of a request went: parts in order of time, for the strip in the list. Offsets and lengths are shares of the whole, 0 to 1. */
export interface StripPart {
  readonly kind: 'service' | 'gap' | 'error'
  readonly service?: string
  readonly at: number
  readonly length: number
}
export interface Counts {
  readonly spans: number
  readonly inferred: number
  readonly logs: number
  readonly errors: number
  readonly recovered: number
}

/** One root request: a SERVER or CONSUMER span, or a hop record, that no other one of the trace caused. */
export interface RequestRow {
  readonly trace_id: string
  readonly span_id: string
  readonly started_at: string
  readonly duration_ms: number | null // null while it runs
  readonly outcome: Outcome
  readonly method?: string
  readonly path?: string
  readonly route?: string
  readonly status?: number
  readonly error_type?: string
  readonly error_message?: string
  readonly cache_hit?: boolean
  readonly services: readonly string[] // in the order in which the request reached them
  readonly counts: Counts
  readonly strip: readonly StripPart[]
  readonly truncated?: number // rows of the trace that were too many to be read for this list; counts are without them
}
export interface RequestsPage {
  readonly requests: readonly RequestRow[]
  readonly next_cursor: string | null
  readonly took_ms: number
}

/** Of a span that is a task: what its records say. */
export interface TaskWords {
  readonly goal: string // `<missing>`: neither its start nor its span was received
  readonly status?: 'succeeded' | 'failed' | 'cancelled' // absent: no end was seen
  readonly message?: string // what its end says beside the goal
  readonly missing?: number // so many of its records and children are not here; 0: it is complete; absent: nobody can tell
  readonly not_sent?: number // lines below the level; where no span was received, calls and tokens too
  readonly done?: number // progress
  readonly total?: number
  readonly orphan?: boolean // begun outside of every task and request
}

/** One row of the tree, in reading order: time, then parent before child, then sequence number. */
export interface TreeRow {
  readonly kind: 'span' | 'log' | 'gap'
  readonly depth: number
  readonly at_ms: number // since the first happening of the trace, after the correction of clocks
  readonly ahead_ms?: number // by so much the sender's clock is ahead (behind: less than 0); at_ms was corrected by it; absent: by nothing
  readonly service?: string
  readonly component?: 'load_balancer' | 'http_server' | 'cache' | 'client' | 'app'
  readonly span_id?: string
  readonly parent_span_id?: string
  readonly log_id?: string // logs: the record's `_id`, where the trace comes from a store
  readonly name?: string // spans
  readonly level?: string // logs
  readonly message?: string // logs, gaps
  readonly fields?: Readonly<Record<string, unknown>>
  readonly took_ms?: number | null
  readonly self_ms?: number
  readonly status?: number | string
  readonly inferred?: boolean // no span was received: known from its records, from its caller, or from its callee
  readonly unfinished?: boolean
  readonly recovered?: boolean // came from the flight recorder
  readonly late?: boolean // logs: written after the end of its task
  readonly task?: TaskWords
  readonly task_path?: string // of tasks and of requests that a task called: `3/2`; absent: a root, or not known
  readonly error?: {
    readonly type: string
    readonly message: string
    readonly stack?: string
    readonly causes?: readonly string[]
  } // causes: outermost first
}
/** Per edge caller -> callee: by how much the callee's clock is ahead, and how sure that is (half of the unexplained round trip). */
export interface Skew {
  readonly from: string
  readonly to: string
  readonly ahead_ms: number
  readonly bound_ms: number
}
export interface TraceTree {
  readonly trace_id: string
  readonly sentence: string // "GET /api/cart → 500 in 41.2 ms: TypeError: cart is undefined in web, 12.5 ms into the request."
  readonly started_at: string
  readonly duration_ms: number | null
  readonly outcome: Outcome
  readonly services: readonly string[]
  readonly counts: Counts
  readonly skew: readonly Skew[]
  readonly rows: readonly TreeRow[]
  readonly truncated?: number // rows that are stored and not here, because there are too many; the sentence says it
}
/** `added`, `gone`, `slower`: of the second, seen from the first. A change of status or level is told before one of time. */
export type DiffChange = 'same' | 'added' | 'gone' | 'slower' | 'faster' | 'status' | 'level'
/** One row of two requests side by side. */
export interface DiffRow {
  readonly change: DiffChange
  readonly depth: number
  readonly a?: TreeRow // the row of the first; absent: added
  readonly b?: TreeRow // the row of the second; absent: gone
}
/** A trace but for its rows. */
export type TraceHead = Omit<TraceTree, 'rows'>
/** What differs between two requests. */
export interface TreeDiff {
  readonly a: TraceHead // the one that is compared with: the good one
  readonly b: TraceHead
  readonly sentence: string // "12.1 ms slower: cache lookup 0.4 -> 9.2 ms; new: WARN evicted under memory pressure"
  readonly rows: readonly DiffRow[] // in the order of reading: what is gone before what came instead
}
/**
 * Counts are made newest first, as far back as `budget_ms` reaches. Not `complete`: ask again with `until=covered_from` (a histogram
 * with the same `step_ms`) and add.
 */
export interface Covered {
  readonly complete: boolean
  readonly covered_from: string // nothing before it is counted; the beginning of the range where it is complete
  readonly hints?: readonly string[] // "no record has user_id; user.id exists": keys of the query that are probably misspelt
}
/** One number per step from `from` on, also for steps before `covered_from` (0 there). By level (as rows have it), service or outcome; at most 20 series, the rest is in `other`. */
export interface Histogram extends Covered {
  readonly from: string
  readonly to: string
  readonly step_ms: number
  readonly series: Readonly<Record<string, readonly number[]>>
}
/** `from` (included) and `to` (excluded): numbers of more than 50 values come as ranges, in their order. */
export interface FacetValue {
  readonly value: string
  readonly count: number
  readonly from?: number
  readonly to?: number
}
/** By field, the most frequent values first. The counts of a field are made without the terms of the query on that field. */
export interface Facets extends Covered {
  readonly facets: Readonly<Record<string, readonly FacetValue[]>>
  readonly other: Readonly<Record<string, number>> // with a value that is not listed
  readonly missing: Readonly<Record<string, number>> // without a value
}
/** A key that a query can name, as the newest records have it. */
export interface FieldRow {
  readonly key: string
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'map'
  readonly records: number // of those that were looked at, from `covered_from` on
  readonly values: readonly string[] // at most 10, the most frequent first
}
export interface Fields extends Covered {
  readonly fields: readonly FieldRow[] // by records
}
/** Records that say the same in other words. */
export interface PatternRow {
  readonly pattern: string // for the terms pattern:1a2b3c4d and -pattern:1a2b3c4d
  readonly example: string // what the newest of them says
  readonly count: number
  readonly first_at: string
  readonly last_at: string
  readonly level: string // of the newest, as its service
  readonly service: string
  readonly spark: readonly number[] // how many in each of 24 parts of the time that is covered
  readonly new?: boolean // none of them is older than new_since
}
export interface Patterns extends Covered {
  readonly patterns: readonly PatternRow[] // by count
}
/** Errors of one type that come from the same frame. */
export interface ErrorRow {
  readonly key: string // for the term pattern:1a2b3c4d, which finds their records
  readonly type: string // as all that follows: of the newest
  readonly message: string
  readonly frame?: string // the application's own first frame; absent: no stack was recorded
  readonly count: number // traces with such an error; a record of no trace counts alone
  readonly first_at: string
  readonly last_at: string
  readonly services: readonly string[] // who recorded it, the most frequent first; at most 10, as the routes
  readonly routes: readonly string[] // what these were serving in the newest of the traces: `GET /api/cart/:id`
  readonly spark: readonly number[] // how many in each of 24 parts of the time that is covered
  readonly newest_trace?: string
  readonly new?: boolean // none of them is older than new_since
}
export interface Errors extends Covered {
  readonly errors: readonly ErrorRow[] // by count
}
export interface MapNode {
  readonly service: string // inferred: what its callers know of it, `db:5432`, `sqlite`, the name of a queue
  readonly component: string // as most of its hops have it; inferred: database, cache, queue or http_server
  readonly requests: number // that it served; inferred: that it was asked for
  readonly errors: number
  readonly p95_ms: number | null
  readonly inferred: boolean // it sent nothing of its own
}
export interface MapEdge {
  readonly from: string
  readonly to: string
  readonly calls: number
  readonly errors: number
  readonly p50_ms: number | null
  readonly p95_ms: number | null
}
/** Who calls whom. Not complete: calls of which the caller or the callee lies before `covered_from` are missing. */
export interface ServiceMap extends Covered {
  readonly nodes: readonly MapNode[] // by requests; at most 200
  readonly edges: readonly MapEdge[] // by calls
  readonly to: string // the last time that is counted
}
/** What one `tracelog run` started; of what was started otherwise, one process. */
export interface RunRow {
  readonly id: string // for the term run:4f2a91c0, which takes its first characters
  readonly name: string // as it was given, else the command; of one process its service
  readonly revision?: string // of the code, where git knew it
  readonly dirty?: boolean // the code was changed since
  readonly started_at: string
  readonly ended_at: string // of its last record or span so far
  readonly services: readonly string[]
  readonly logs: number
  readonly requests: number // traces in which it served one
  readonly errors: number // records from ERROR on, and failed spans
}
/** A kind of message that only one of two runs has. */
export interface RunPattern {
  readonly change: 'added' | 'gone'
  readonly pattern: string
  readonly example: string
  readonly level: string
  readonly service: string
  readonly count: number
}
/** A route of which the median of all requests is another one. */
export interface RunRoute {
  readonly change: 'slower' | 'faster'
  readonly service: string
  readonly route: string // `GET /api/cart/:id`
  readonly before_ms: number
  readonly after_ms: number
  readonly before: number // requests
  readonly after: number
}
/** What differs between two runs. */
export interface RunDiff {
  readonly a: RunRow
  readonly b: RunRow
  readonly sentence: string
  readonly patterns: readonly RunPattern[] // the worst first; at most 100, as the others
  readonly routes: readonly RunRoute[] // those that moved most first
  readonly errors: readonly ErrorRow[] // that only the second has
}
/** What `DELETE data` has removed. */
export interface Cleared {
  readonly logs: number
  readonly spans: number
  readonly traces: number
}
export interface ServiceRow {
  readonly name: string
  readonly instances: number
  readonly first_at: string
  readonly last_at: string
  readonly logs: number
  readonly spans: number
  readonly errors: number
  readonly lane?: number // 0 to 11: its colour, in order of first sight; absent: the source keeps none
}
export interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly at?: number }
}

/** What one rule of the backend has done since the backend's start: `rules` of `GET status`. Counts of records and spans. */
export interface RuleStatus {
  readonly name: string
  /** That met it. */
  readonly matched: number
  readonly dropped: number
  /** Written to its file, sent on, or handled by its plugin. */
  readonly delivered: number
  /** Not offered: there was no room, or the other side refused. */
  readonly lost: number
  /** That its plugin failed at. */
  readonly failed: number
  readonly last_error: string | null
  /** `failing`: the last delivery did not work; `off`: its plugin failed too often; `starting`: its thread does not run. */
  readonly state: 'ok' | 'failing' | 'off' | 'starting'
}
