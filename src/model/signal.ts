/**
 * The kinds of what is sent, received, kept and asked for.
 */

/** What is kept and asked for: the backend accepts metrics and drops them. */
export type Signal = 'logs' | 'spans'

/** What an application sends. Metrics are no records: they are not kept on disk, printed, or handed over by threads. */
export type SentSignal = Signal | 'metrics'
