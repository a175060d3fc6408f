/**
 * What the demo's programs said themselves, to hold against what the backend has.
 */

/** One line that a customer printed: an answer. */
export interface TrafficAnswer {
  readonly request_id: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly took_ms: number
  /** The response's Server-Timing header, in which the trace id comes back to the caller. */
  readonly server_timing: string | null
}

/** One line that winston printed. */
export interface PrintedLine {
  readonly service: string
  readonly level: string
  readonly message: string
  readonly requestId: string | undefined
  /** What the bridge added to the application's own line. */
  readonly traceId: string | undefined
}
