/**
 * When is the record of a call made? At once, when the transports' own formats have run, or when winston has kept the call too long.
 */
import { context } from '@opentelemetry/api'

import { guardedQuestion, safely } from '../../../diag/guarded.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import { holdDraft } from './drafts.ts'
import { HeldCalls } from './held-calls.ts'
import type { InfoCall } from './info-emitter.ts'
import { createInfoWriter, type InfoDraft, type InfoWriter } from './info-writer.ts'
import { loggedOf, rememberCall, type LoggerState, type WaitingCall } from './logger-state.ts'
import { nameOfLogger } from './scope-names.ts'
import type { TransportFormats } from './transport-formats.ts'
import { applyFormat, viewOf } from './transport-redaction.ts'
import { isBusy, somePipe, type ShowView, type WinstonInfo, type WinstonLogger } from './winston-types.ts'

export interface CallRecords {
  /**
   * An info has passed its logger's format.
   *
   * @returns is to be told what the transports' formats leave of it; `unprinted`: no transport is given it
   */
  readonly write: (call: InfoCall) => ShowView | 'unprinted' | undefined
  /** An info has passed all formats. */
  writeFormatted(logger: WinstonLogger, info: WinstonInfo): void
  /** The logger keeps an info, to format it later. */
  wait(state: LoggerState, info: WinstonInfo): void
  /** It has come to it. */
  formatted(call: WaitingCall): void
  /** Makes the records of all that is kept. */
  settle(): void
}

export interface CallRecordsOptions {
  readonly records: RecordEmitter
  readonly formats: TransportFormats
  readonly version: () => string
}

export function createCallRecords({ records, formats, version }: CallRecordsOptions): CallRecords {
  const hasFormat = (transport: object) => typeof formats.formatOf(transport)?.transform === 'function'
  const writer = createInfoWriter({ records, hasFormat, version })
  const held = new HeldCalls()
  const write = guardedQuestion('winston', (call: InfoCall) => {
    const { isKept = false } = call
    const draft = writer.write(call, isKept || somePipe(call.logger, isBusy))
    if (draft === undefined || draft === 'unprinted') return draft
    if (draft.wanted.isPrinted) return holdDraft(draft, isKept, { writer, formats, held })
    finishUnseen(draft, { writer, formats })
    return 'unprinted'
  })
  return {
    write,
    writeFormatted(logger, info) {
      const original = logger._transformState?.writechunk ?? info
      const call = { logger, name: nameOfLogger(logger), info, original, logged: loggedOf(original) }
      safely('winston', () => writer.writeFormatted({ ...call, context: context.active() }))
    },
    wait(state, info) {
      if (typeof info !== 'object' || info === null) return
      const call: WaitingCall = {
        context: context.active(),
        timeUnixNano: records.nowUnixNano(),
        state: 'waiting',
        settle: () => settleCall(state, info, { call, writer, formats }),
      }
      rememberCall(state, info, call)
      held.add(call)
    },
    formatted: (call) => held.remove(call),
    settle: () => held.settle(),
  }
}

interface Settling {
  readonly call: WaitingCall
  readonly writer: InfoWriter
  readonly formats: TransportFormats
}

/** A call that winston does not come to: its formats run here. */
function settleCall({ logger, name }: LoggerState, original: WinstonInfo, { call, writer, formats }: Settling): void {
  if (call.state !== 'waiting') return
  call.state = 'settled'
  const info = logger.silent ? undefined : applyFormat(original, logger.format)
  if (info === undefined) return
  const { context: active, timeUnixNano } = call
  const logged = loggedOf(original)
  const draft = writer.write({ logger, name, info, original, logged, context: active, timeUnixNano }, true)
  if (draft !== undefined && draft !== 'unprinted') finishUnseen(draft, { writer, formats })
}

/** Winston gives it to no transport, or no more: their formats run here. */
function finishUnseen(draft: InfoDraft, { writer, formats }: Pick<Settling, 'writer' | 'formats'>): void {
  const { call, takers } = draft
  const formatted = takers.map((transport) => applyFormat(call.info, formats.formatOf(transport)))
  writer.finish(draft, formatted.filter((each) => each !== undefined).map(viewOf))
}
