/**
 * What happens to one winston record: is it wanted, what is written down, which ids go into its lines.
 *
 * Called from the taps of hook-logger.ts; nothing here may throw into them.
 */
import { context, trace, type Context, type SpanContext } from '@opentelemetry/api'

import { currentUnit, hopOf } from '../../../context/request-unit.ts'
import { guardedQuestion } from '../../../diag/guarded.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import { createCallRecords } from './call-records.ts'
import { createLineWriter } from './line-writer.ts'
import { prepare, severityIn, STATE, type LoggerState, type TrackedLogger } from './logger-state.ts'
import { isTaken } from './taken-levels.ts'
import { createTransportFormats, type Combine, type InfoTrace } from './transport-formats.ts'
import type { WinstonInfo, WinstonTransport } from './winston-types.ts'

export interface WinstonBridgeOptions {
  readonly records: RecordEmitter
  /** Levels that nobody takes are stopped before winston formats them. Default true. */
  readonly gatesBeforeFormat?: boolean
}

export interface WinstonBridge {
  /** logform's, once it is loaded. */
  combine: Combine | undefined
  /** winston's, once it is loaded. */
  version: string
  /** Whether nobody prints a record of that level, and no level lets it through. */
  isOff(state: LoggerState, level: string): boolean
  /** Whether one that is off is held for its request. */
  isHeld(state: LoggerState, level: string): boolean
  /**
   * A record has passed the logger's format.
   *
   * @param isKept  the stream keeps it for later instead of handing it to the transports now
   */
  onFormatted(state: LoggerState, info: WinstonInfo, isKept: boolean): void
  /** The stream keeps an info that was just logged, to be formatted later. */
  onWaiting(state: LoggerState, info: WinstonInfo): void
  /** Makes the records of all calls that winston still keeps. */
  settle(): void
  /** A transport of ours was given this info. */
  writeInfo(transport: WinstonTransport, info: WinstonInfo): void
  /** Gives the transports their own formats back. */
  restoreFormats(): void
}

const INVALID_TRACE_ID = '00000000000000000000000000000000'

export function createWinstonBridge(options: WinstonBridgeOptions): WinstonBridge {
  const { records, gatesBeforeFormat = true } = options
  let lastState: LoggerState | undefined
  const formats = createTransportFormats(
    (transport) => currentTrace(lastState) ?? currentTrace((transport?.parent as TrackedLogger | undefined)?.[STATE]),
    () => bridge.combine,
  )
  const calls = createCallRecords({ records, formats, version: () => bridge.version })
  const writeLines = guardedQuestion('winston', createLineWriter(formats))

  const bridge: WinstonBridge = {
    combine: undefined,
    version: '',
    isOff({ logger }, level) {
      if (!gatesBeforeFormat || logger._readableState.pipes === null) return false
      if (logger.levels[level] === undefined || isTaken(logger, level)) return false
      return !records.levels.mayBeExported(severityIn(logger.levels, level))
    },
    isHeld: ({ logger }, level) => records.levels.isHeld(severityIn(logger.levels, level), currentUnit),
    onWaiting: (state, info) => calls.wait(state, info),
    onFormatted(state, info, isKept) {
      const original = state.logger._transformState.writechunk
      if (original !== null && state.prepared !== original) prepare(state, original)
      state.prepared = undefined
      const { call: waited, logger, name, logged } = state
      state.call = undefined
      if (waited !== undefined) calls.formatted(waited)
      if (typeof info !== 'object' || info === null) return
      lastState = state
      const active = waited?.context ?? context.active()
      const timeUnixNano = waited?.timeUnixNano
      const call = { logger, name, info, original: original ?? info, logged, context: active, timeUnixNano, isKept }
      const show = waited?.state === 'settled' ? undefined : calls.write(call)
      if (show !== 'unprinted') writeLines({ state, info, span: spanOf(active), isKept, show })
    },
    writeInfo(transport, info) {
      const logger: TrackedLogger | null | undefined = transport.parent
      if (logger === null || logger === undefined || logger[STATE]?.hearing.isOn === true) return
      calls.writeFormatted(logger, info)
    },
    settle: () => calls.settle(),
    restoreFormats: () => formats.restore(),
  }
  return bridge
}

function spanOf(active: Context): SpanContext | undefined {
  const hop = hopOf(active)
  if (hop !== undefined) return hop
  const span = trace.getSpanContext(active)
  return span === undefined || span.traceId === INVALID_TRACE_ID ? undefined : span
}

/** Only while the logger hands this very info to its transports. */
function currentTrace(state: LoggerState | undefined): InfoTrace | undefined {
  const transform = state?.logger._transformState
  return transform?.transforming === true && transform.writechunk !== null ? state?.trace : undefined
}
