/**
 * Marks listeners of ours on `process`, so that the application does not see them when it counts.
 *
 * app/process-end.ts leaves them out of `process.listeners()` and `process.listenerCount()`.
 */
const OWN_LISTENER: unique symbol = Symbol.for('org.tracelog.own-listener')

/** Marks and returns it. */
export function ownListener<T extends (...args: never[]) => unknown>(listener: T): T {
  return Object.assign(listener, { [OWN_LISTENER]: true })
}

/** `listener` as Node keeps it: a `once` is wrapped. */
export function isOwnListener(listener: unknown): boolean {
  const { [OWN_LISTENER]: isOwn, listener: inner } = listener as { [OWN_LISTENER]?: true; listener?: unknown }
  return isOwn === true || (typeof inner === 'function' && isOwnListener(inner))
}
