/**
 * winston 3 as one instrumentation: finds its copies, also those loaded before, and hooks each.
 */
import { sayOnce } from '../../../diag/events.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import type { Instrumentation, InstrumentationStatus } from '../../instrumentation.ts'
import { watchModule } from '../../module-hooks.ts'
import { packageVersionOf } from '../../package-files.ts'
import { hookLogger } from './hook-logger.ts'
import { rememberContainer, watchContainers, type WinstonContainerClass } from './scope-names.ts'
import type { Combine } from './transport-formats.ts'
import { createWinstonBridge, type WinstonBridge } from './winston-bridge.ts'
import type { WinstonInfo, WinstonLoggerClass } from './winston-types.ts'

export interface WinstonInstrumentationOptions {
  readonly records: RecordEmitter
  /** TRACELOG_WINSTON_GATE: levels that nobody takes are stopped before winston formats them. Default true. */
  readonly gatesBeforeFormat?: boolean
}

/** The module `winston`, as far as it is needed. */
interface WinstonModule {
  readonly Logger?: unknown
  readonly Container?: unknown
  readonly loggers?: unknown
  readonly version?: unknown
  readonly format?: { readonly combine?: unknown }
}

/** The one that also hears copies handed over by hand, and what the transport of ours is given. */
export type WinstonInstrumentation = Instrumentation & Required<Pick<Instrumentation, 'attach' | 'write'>>

export function createWinstonInstrumentation(options: WinstonInstrumentationOptions): WinstonInstrumentation {
  let made: WinstonBridge | undefined
  /** Made for the first winston: its code is compiled then. */
  const bridge = () => (made ??= createWinstonBridge(options))
  let undo: (() => void)[] = []
  let status: InstrumentationStatus = 'off'

  function guarded(attachTo: () => (() => void) | undefined): void {
    try {
      const step = attachTo()
      if (step !== undefined) undo.push(step)
      status = 'active'
    } catch (error) {
      status = 'failed'
      sayOnce('hook:winston', `could not attach to winston: ${String(error)}; its records are not captured`)
    }
  }
  function onLogger(exports: unknown, path: string): void {
    bridge().version ||= packageVersionOf(path, 'winston')
    guarded(() => hookLogger(exports as WinstonLoggerClass, bridge()))
  }

  return {
    name: 'winston',
    enable() {
      if (status !== 'off') return
      status = 'waiting'
      undo.push(...watchWinston({ bridge, onLogger, guarded }))
    },
    disable() {
      made?.restoreFormats()
      for (const step of undo.toReversed()) step()
      undo = []
      status = 'off'
    },
    status: () => status,
    settle: () => made?.settle(),
    write: (transport, info) => bridge().writeInfo(transport, info as WinstonInfo),
    attach(library) {
      const winston = library as WinstonModule
      learn(winston)
      const unhook = hookLogger(winston.Logger as WinstonLoggerClass, bridge())
      if (unhook === undefined) return () => {}
      if (status !== 'failed') status = 'active'
      undo.push(unhook)
      return () => {
        if (undo.includes(unhook)) unhook()
        undo = undo.filter((step) => step !== unhook)
      }
    },
  }

  function learn(winston: WinstonModule): void {
    if (typeof winston.format?.combine === 'function') bridge().combine ??= winston.format.combine as Combine
    if (typeof winston.version === 'string') bridge().version ||= winston.version
    rememberLoggers(winston)
  }
}

interface Watching {
  readonly bridge: () => WinstonBridge
  readonly onLogger: (exports: unknown, path: string) => void
  readonly guarded: (attachTo: () => (() => void) | undefined) => void
}

/** The files of winston and logform that matter, each also where it is loaded already. */
function watchWinston({ bridge, onLogger, guarded }: Watching): readonly (() => void)[] {
  return [
    watchModule({ package: 'winston', file: 'lib/winston/logger.js', onLoad: onLogger }),
    watchModule({
      package: 'winston',
      file: 'lib/winston/container.js',
      onLoad: (exports) => guarded(() => watchContainers(exports as WinstonContainerClass)),
    }),
    watchModule({ package: 'winston', onLoad: (exports) => rememberLoggers(exports as WinstonModule) }),
    watchModule({
      package: 'logform',
      file: 'combine.js',
      onLoad: (exports) => (bridge().combine ??= exports as Combine),
    }),
  ]
}

function rememberLoggers({ loggers }: WinstonModule): void {
  if (typeof loggers === 'object' && loggers !== null) rememberContainer(loggers)
}
