/**
 * HTTP as one instrumentation: an engine, and the completion records of requests that the process does not outlive.
 */
import type { Instrumentation, InstrumentationStatus } from '../instrumentation.ts'
import { listenUnseen } from '../../diag/own-listeners.ts'
import { currentUnit } from '../../context/request-unit.ts'
import { createChannelsEngine } from './channels-engine.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import type { HttpEngine } from './http-engine.ts'
import { finishOpenHops } from '../hop/open-hops.ts'

export interface HttpInstrumentationOptions extends HopOptions {
  /** Default: the channels engine. */
  readonly createEngine?: (options: HopOptions) => HttpEngine
}

/** `node:http`, `node:https`. Its listeners on `process` change nothing of what Node would do. */
export function createHttpInstrumentation(options: HttpInstrumentationOptions): Instrumentation {
  const engine = (options.createEngine ?? createChannelsEngine)(options)
  let status: InstrumentationStatus = 'off'
  let stops: (() => void)[] = []
  return {
    name: 'http',
    enable() {
      if (status !== 'off') return
      engine.enable()
      stops = [
        listenUnseen(process, 'uncaughtExceptionMonitor', onUncaught),
        listenUnseen(process, 'exit', finishOpenHops),
      ]
      status = 'active'
    },
    disable() {
      if (status === 'off') return
      engine.disable()
      for (const stop of stops) stop()
      status = 'off'
    },
    status: () => status,
  }
}

function onUncaught(error: unknown): void {
  currentUnit()?.hop?.recordThrown(error)
}
