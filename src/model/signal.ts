/**
 * The two kinds of what is sent, received, kept and asked for.
 */

/** Metrics never get this far: they are accepted and dropped. */
export type Signal = 'logs' | 'spans'
