/**
 * Which errors have their record already? An uncaught one reaches us from the process and again from loggers that watch
 * for it themselves; one record per Error is enough.
 */

const reported = new WeakSet()

/**
 * Marks an error as told.
 *
 * @returns whether it was not told before; always true for what is no object (`throw 'text'`)
 */
export function reportOnce(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true
  if (reported.has(error)) return false
  reported.add(error)
  return true
}

export function isReported(error: unknown): boolean {
  return typeof error === 'object' && error !== null && reported.has(error)
}
