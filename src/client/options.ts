/**
 * What a user says to `withLogs`.
 */
import type { FlatLine } from './log-event.ts'

export interface WithLogsOptions {
  /** Where streams are opened: what the server's `returnHandler` is mounted at, or the backend's `/api/v1/return`. */
  readonly streams: string | URL
  /** The header `Authorization` of the request that opens the stream; the call itself never gets it. Asked for each call. */
  readonly authorization?: string | (() => string | Promise<string>)
  /** Lines from this level up: `debug`, `info` … Default: what the server grants. */
  readonly level?: string
  /** What a callback throws is reported as an uncaught error of a listener would be, and changes nothing. */
  readonly onLog?: (line: FlatLine) => void
  readonly onStdout?: (text: string) => void
  readonly onStderr?: (text: string) => void
  /** Events that are not there, as they are told. */
  readonly onGap?: (dropped: number) => void
}
