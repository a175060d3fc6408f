/**
 * How many calls at a time, how many in a minute, and how long one may take.
 */

/** Source: spec, "Safety". */
const AT_A_TIME = 4
const IN_A_MINUTE = 1_000
const MINUTE_MILLIS = 60_000
/** An answer. Milliseconds. */
export const CALL_MILLIS = 10_000

export interface CallLimits {
  /** Runs it when fewer than four others run, for `millis` at most. @throws TooMany, TooLong; what `run` throws */
  run<T>(run: (signal: AbortSignal) => Promise<T>, options: CallOptions): Promise<T>
}

export interface CallOptions {
  readonly signal: AbortSignal
  /** From the moment that it runs. */
  readonly millis: number
}

/** The answer is an error of the call; its message says the limit. */
export class LimitError extends Error {}

/** @param now  milliseconds, injected so that tests need not wait */
export function createCallLimits(now: () => number = Date.now): CallLimits {
  const started: number[] = []
  const waiting: (() => void)[] = []
  let running = 0

  function countCall(): void {
    const time = now()
    while (started.length > 0 && time - (started[0] as number) >= MINUTE_MILLIS) started.shift()
    if (started.length >= IN_A_MINUTE) throw new LimitError(`more than ${IN_A_MINUTE} calls in a minute: wait a little`)
    started.push(time)
  }

  async function turn(): Promise<void> {
    if (running >= AT_A_TIME) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
  }

  /** The place goes to who waits longest. */
  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }

  return {
    async run(run, { signal, millis }) {
      countCall()
      await turn()
      try {
        return await within(run, signal, millis)
      } finally {
        leave()
      }
    },
  }
}

/** What goes on although nobody waits for it any more is left to its own end. */
async function within<T>(run: (signal: AbortSignal) => Promise<T>, given: AbortSignal, millis: number): Promise<T> {
  const late = AbortSignal.timeout(millis)
  const signal = AbortSignal.any([given, late])
  signal.throwIfAborted()
  const ended = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(late.aborted ? new LimitError(`no answer within ${millis / 1_000} s: narrow the question`) : signal.reason)
    })
  })
  return await Promise.race([run(signal), ended])
}
