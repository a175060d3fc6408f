/**
 * The end of the process: a last moment in which everything accepted is delivered, and nothing else is different from bare Node.
 *
 * Natural end, process.exit, uncaught exceptions and unhandled rejections all emit `exit`. SIGTERM, SIGINT and SIGHUP end a process
 * without it, so they are listened to; if nobody else listens the signal is sent again without us. Two more ends emit nothing:
 * `process.execve`, which tells a channel, and a handler of uncaught exceptions that throws, which nobody can foresee.
 */
import { channel } from 'node:diagnostics_channel'

import { monotonicMillis } from '../diag/clock.ts'
import { nextTurn, soon } from '../diag/timers.ts'
import { guarded, safely } from '../diag/guarded.ts'
import { listenUnseen } from '../diag/own-listeners.ts'

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
type EndSignal = (typeof SIGNALS)[number]

/** What an uncaught exception may cost an application that has a handler for it and lives on. Milliseconds. */
const URGENT_MILLIS = 500
/** And how often: handlers that swallow everything see many. Milliseconds. */
const URGENT_EVERY_MILLIS = 1_000

export interface ProcessEndOptions {
  /** Blocks until everything is delivered or given up; what comes later is sent at once. Called more than once. */
  readonly drain: () => void
  /** The same, but for so long at most, and nothing is given up. */
  readonly drainWithin: (millis: number) => void
  /** The event loop is empty: may hold it once. */
  readonly lastTurn: () => void
  /** Nothing comes any more: says what came too late. */
  readonly sayLast: () => void
  /** The process goes on after all. */
  readonly goOn: () => void
}

/** @returns takes it back */
export function watchProcessEnd(options: ProcessEndOptions): () => void {
  const stops = [
    // Listeners prepended later come before it; what the others log is drained record by record.
    listenUnseen(process, 'exit', () => {
      options.drain()
      sayLastAtExit(options)
    }),
    watchLastListener(options),
    watchHandledExceptions(options),
    watchExecve(options),
    watchSignals(options),
  ]
  return () => {
    for (const stop of stops.toReversed()) stop()
  }
}

/** Later listeners may log on: where the end announces itself, ours is moved behind them. */
function watchLastListener({ sayLast, lastTurn }: ProcessEndOptions): () => void {
  let stopLast: (() => void) | undefined
  let hasHeard = false
  /**
   * An application whose last act is `process.kill(process.pid, …)` ends by that signal on bare Node. Where one listens, as we do, it is
   * told in the next turn of the loop, which is empty: so there is one more.
   */
  const hearSignals = () => {
    if (!hasHeard) nextTurn()
    hasHeard = true
  }
  const moveLast = () => {
    stopLast?.()
    stopLast = listenUnseen(process, 'exit', sayLast)
  }
  const stops = [
    listenUnseen(process, 'beforeExit', () => {
      moveLast()
      // Whoever listens would hear it twice if the loop went on for us.
      if (process.listenerCount('beforeExit') > 0) return
      hearSignals()
      lastTurn()
    }),
    listenUnseen(process, 'uncaughtExceptionMonitor', moveLast),
  ]
  return () => {
    for (const stop of stops) stop()
    stopLast?.()
  }
}

/** `process.exit` does not announce itself. What it calls when all listeners are done is replaced while they run, and not before. */
function sayLastAtExit({ sayLast }: ProcessEndOptions): void {
  const { reallyExit } = process as { reallyExit?: (code?: number) => never }
  if (typeof reallyExit !== 'function') return
  Reflect.set(process, 'reallyExit', (...args: [number?]) => {
    safely('the last word', sayLast)
    return Reflect.apply(reallyExit, process, args)
  })
}

/** `execve` puts another program into this process, or ends it. */
function watchExecve({ drain }: ProcessEndOptions): () => void {
  const execve = channel('process.execve')
  const onExecve = guarded('process.execve', drain)
  execve.subscribe(onExecve)
  return () => {
    execve.unsubscribe(onExecve)
  }
}

/** Without a handler `exit` follows. With one the process goes on, unless the handler throws: then it ends without another word. */
function watchHandledExceptions({ drainWithin, goOn }: ProcessEndOptions): () => void {
  let lastMillis = -Infinity
  return listenUnseen(process, 'uncaughtExceptionMonitor', () => {
    const isHandled = process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()
    const now = monotonicMillis()
    if (!isHandled || now - lastMillis < URGENT_EVERY_MILLIS) return
    lastMillis = now
    drainWithin(URGENT_MILLIS)
    soon(goOn)
  })
}

function watchSignals({ drain, goOn }: ProcessEndOptions): () => void {
  const stops = new Map<EndSignal, () => void>()
  /** Signals whose listener has just gone: one that listens once goes before we are asked, and has had its signal. */
  const served = new Set<unknown>()
  const listen = (signal: EndSignal) =>
    stops.set(
      signal,
      listenUnseen(process, signal, () => onSignal(signal)),
    )
  const onSignal = (signal: EndSignal) => {
    // The application listens: it decides, and `exit` or another signal will come if it ends.
    if (process.listenerCount(signal) > 0 || served.has(signal)) return
    drain()
    stops.get(signal)?.()
    process.kill(process.pid, signal)
    listen(signal)
    // Still here: process 1 of a container, where the system ignores it.
    goOn()
  }
  for (const signal of SIGNALS) listen(signal)
  const stopRemoved = listenUnseen(process, 'removeListener', (event: unknown) => {
    served.add(event)
    soon(() => served.clear())
  })
  return () => {
    stopRemoved()
    for (const stop of stops.values()) stop()
  }
}
