/**
 * Puts the trace's ids into the lines of one info: into the logger's own line, or through the transports' formats.
 */
import type { SpanContext } from '@opentelemetry/api'

import { beginWriting } from '../printed-lines.ts'
import { addLineKeys, tailOfSpan } from './line-keys.ts'
import type { LoggerState } from './logger-state.ts'
import { TRACE, type InfoTrace, type TransportFormats } from './transport-formats.ts'
import { isBusy, MESSAGE, pipesOf, type WinstonInfo, type ShowView } from './winston-types.ts'

export interface Handing {
  readonly state: LoggerState
  readonly info: WinstonInfo
  readonly span: SpanContext | undefined
  /** The logger's stream keeps the info for later. */
  readonly isKept: boolean
  /** The record waits for what the transports' formats make of the info. */
  readonly show: ShowView | undefined
}

/** @returns prepares one info's lines, just before it is handed to the transports */
export function createLineWriter(formats: TransportFormats): (handing: Handing) => void {
  /** Formats that have written JSON before. */
  const jsonFormats = new WeakSet()
  let lastJson: object | undefined
  const writesJson = (format: object | undefined): boolean =>
    format !== undefined && (format === lastJson || jsonFormats.has(format))

  return ({ state, info, span, isKept, show }) => {
    const line = info[MESSAGE]
    const pipes = pipesOf(state.logger)
    let withFormat = 0
    let trace: InfoTrace | undefined
    for (const transport of pipes) {
      if (typeof transport.format?.transform !== 'function') continue
      withFormat++
      trace ??= { span, line, show }
      if (span !== undefined || show !== undefined || transport.forceConsole === true) formats.extend(transport)
      if ((isKept || isBusy(transport)) && Object.isExtensible(info)) keepTrace(info, trace)
    }
    if (withFormat < pipes.length && span !== undefined && typeof line === 'string' && isWritable(info)) {
      const { format } = state.logger
      const added = addLineKeys(line, tailOfSpan(span), writesJson(format))
      if (added !== undefined) {
        if (format !== undefined && format !== lastJson) jsonFormats.add((lastJson = format))
        info[MESSAGE] = added
      }
    }
    state.trace = trace
    beginWriting(state.printer, state.logged.message, info[MESSAGE])
  }
}

/** The second question is asked of few: it costs ten times as much. */
function isWritable(info: WinstonInfo): boolean {
  return Object.isExtensible(info) || !Object.isFrozen(info)
}

/** For a transport that formats later, when the call is over. */
function keepTrace(info: WinstonInfo, trace: InfoTrace): void {
  Object.defineProperty(info, TRACE, { value: trace, configurable: true, enumerable: true, writable: true })
}
