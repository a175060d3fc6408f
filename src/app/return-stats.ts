/**
 * What `stats()` says of lines that are returned to callers. Since the start.
 */
export interface ReturnStats {
  /** Streams that are kept at the moment, those that have ended too. */
  readonly streams: number
  /** Calls that have ended and whose lines were returned. */
  readonly granted: number
  /** By reason: `unauthorised`, `too_many`; of grants `malformed`, `tampered`, `expired`, `audience`, `unknown`, `used`. */
  readonly refused: Readonly<Record<string, number>>
}
