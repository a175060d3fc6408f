/**
 * The one guard between our code and the application: nothing that fails in ours reaches the application.
 *
 * Every listener, channel subscriber and accessor of ours is made here. A fault costs what was to be recorded, and is
 * said once per seam on stderr. Nothing else in the application's half writes `catch` round a listener.
 */
import { sayOnce } from './events.ts'

/**
 * The same listener, which never throws.
 *
 * @param seam  where it listens, as people would name it: `http.server.request.start`, `uncaughtExceptionMonitor`
 */
export function guarded(seam: string, listener: (this: never, ...args: never[]) => void): Listener {
  return function (this: unknown, ...args: unknown[]) {
    try {
      ;(listener as Listener).apply(this, args)
    } catch (error) {
      tellFault(seam, error)
    }
  }
}

type Listener = (this: unknown, ...args: unknown[]) => void

/**
 * Runs something of ours now.
 *
 * @param subject  for `run`, so that seams that are passed for each event need no function of their own each time
 * @returns what it returned; `undefined` when it failed
 */
export function safely<T>(seam: string, run: () => T): T | undefined
export function safely<T, S>(seam: string, run: (subject: S) => T, subject: S): T | undefined
export function safely<T, S>(seam: string, run: (subject?: S) => T, subject?: S): T | undefined {
  try {
    return run(subject)
  } catch (error) {
    tellFault(seam, error)
    return undefined
  }
}

/**
 * The same question, which never throws: for what is asked at each call of the application, where `safely` would make a closure.
 *
 * @returns what it answers; `undefined` when it fails
 */
export function guardedQuestion<S, T>(seam: string, ask: (subject: S) => T): (subject: S) => T | undefined {
  return (subject) => {
    try {
      return ask(subject)
    } catch (error) {
      tellFault(seam, error)
      return undefined
    }
  }
}

function tellFault(seam: string, error: unknown): void {
  sayOnce(`fault:${seam}`, `a fault in ${seam}: ${messageOf(error)}; what it was to record is lost`)
}

/** What an error says. It may be the application's, and may throw again when it is read. */
export function messageOf(error: unknown): string {
  try {
    const message: unknown = error instanceof Error ? error.message : typeof error
    return typeof message === 'string' ? message : 'an error that cannot be read'
  } catch {
    return 'an error that cannot be read'
  }
}
