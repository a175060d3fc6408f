/**
 * The logs of one call, as they arrive, until the server says that it is over.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import type { CallOutcome, FlatLine, LogEvent } from './log-event.ts'

/**
 * `open`: logs arrive. An outcome: the server said that the call is over. `unavailable`: there is no stream, or it is broken and not
 * back yet. `closed`: we closed it before it was over.
 */
export type LogStreamStatus = 'open' | 'unavailable' | 'closed' | CallOutcome

/**
 * Nothing of it ever rejects or throws. Iterating it gives the events from the first one on, also those that came before; it ends with
 * the stream, and each loop has events of its own.
 */
export interface LogStream extends AsyncIterable<LogEvent>, AsyncDisposable {
  readonly status: LogStreamStatus
  /** Events that are not there: the server or we could not keep up with them. */
  readonly dropped: number
  /** The records so far, oldest first. */
  messages(): readonly FlatLine[]
  /** What the call wrote to standard output so far: whole lines. */
  stdout(): string
  stderr(): string
  /** Resolves with the last status: when the server has said that the call is over, or when nothing more will come. */
  readonly ended: Promise<LogStreamStatus>
  /** Ends it early. */
  close(): Promise<void>
}
