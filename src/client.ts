/**
 * For callers: the log lines and the console output of one's own call, while it runs, from a server that grants it.
 *
 * Runs in Node and in browsers, as one file of its own (dist/client.js, dist/client.cjs); imports nothing of the engine.
 */
export type { CallOutcome, FlatLine, LogEvent } from './client/log-event.ts'
export type { LogStream, LogStreamStatus } from './client/log-stream.ts'
export type { WithLogsOptions } from './client/options.ts'
export type { AnyFetch, LoggedCall } from './client/with-logs.ts'
export { withLogs } from './client/with-logs.ts'
