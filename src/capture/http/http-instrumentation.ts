/**
 * HTTP as one instrumentation: an engine, and the completion records of requests that the process does not outlive.
 */
import type { Instrumentation, InstrumentationStatus } from '../instrumentation.ts'
import { ownListener } from '../../diag/own-listener.ts'
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
  return {
    name: 'http',
    enable() {
      if (status !== 'off') return
      engine.enable()
      process.on('uncaughtExceptionMonitor', onUncaught)
      process.on('exit', onExit)
      status = 'active'
    },
    disable() {
      if (status === 'off') return
      engine.disable()
      process.removeListener('uncaughtExceptionMonitor', onUncaught)
      process.removeListener('exit', onExit)
      status = 'off'
    },
    status: () => status,
  }
}

const onUncaught = ownListener((error: unknown) => {
  currentUnit()?.hop?.recordThrown(error)
})

const onExit = ownListener(() => finishOpenHops())
