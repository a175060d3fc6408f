/**
 * What ends a process, or nearly: uncaught exceptions, unhandled rejections, warnings, as records.
 *
 * Watches only: nothing here changes what Node does. Exceptions are seen by the monitor event. A listener for
 * `unhandledRejection` would keep the process alive, so ours is there only while the application has one of its own; without
 * one Node turns the rejection into an exception, which the monitor sees.
 */
import { context } from '@opentelemetry/api'

import { listenUnseen } from '../diag/own-listeners.ts'
import type { AnyValue } from '../model/any-value.ts'
import { toAnyValue } from '../model/js-value.ts'
import { EVENT_UNCAUGHT_EXCEPTION } from '../model/semconv.ts'
import { SEVERITY_ERROR, SEVERITY_FATAL, SEVERITY_WARN } from '../model/severity.ts'
import { addException, isErrorLike } from '../record/exception.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import { reportOnce } from '../record/reported-errors.ts'
import type { Instrumentation, InstrumentationStatus } from './instrumentation.ts'

export interface ProcessEventsOptions {
  readonly records: RecordEmitter
}

const SCOPE = { name: 'process', version: process.versions.node }
const REJECTION = 'unhandledRejection'

export function createProcessEventsInstrumentation({ records }: ProcessEventsOptions): Instrumentation {
  let status: InstrumentationStatus = 'off'
  let stops: (() => void)[] = []
  let stopRejections: (() => void) | undefined

  const onException = (error: unknown, origin: string): void => {
    // A CommonJS entry that throws reaches us as a rejection: with --import, Node loads it through the ESM loader.
    const isRejection = origin === REJECTION && process.mainModule?.loaded !== false
    write(records, error, isRejection ? REJECTION_KIND : EXCEPTION_KIND)
  }
  const onRejection = (reason: unknown): void => write(records, reason, REJECTION_KIND)
  const hearRejections = (): void => {
    stopRejections ??= listenUnseen(process, REJECTION, onRejection, { isFirst: true })
  }
  const leaveRejections = (): void => {
    stopRejections?.()
    stopRejections = undefined
  }

  return {
    name: 'process',
    enable() {
      if (status === 'active') return
      status = 'active'
      stops = [
        listenUnseen(process, 'uncaughtExceptionMonitor', onException),
        listenUnseen(process, 'warning', (warning: unknown) => write(records, warning, WARNING_KIND)),
        listenUnseen(process, 'newListener', (event: unknown) => {
          if (event === REJECTION) hearRejections()
        }),
        listenUnseen(process, 'removeListener', (event: unknown) => {
          if (event === REJECTION && process.listenerCount(REJECTION) === 0) leaveRejections()
        }),
      ]
      if (process.listenerCount(REJECTION) > 0) hearRejections()
    },
    disable() {
      status = 'off'
      leaveRejections()
      for (const stop of stops.splice(0)) stop()
    },
    status: () => status,
  }
}

interface Kind {
  readonly severityNumber: number
  readonly severityText: string
  readonly eventName: string
}
const EXCEPTION_KIND: Kind = {
  severityNumber: SEVERITY_FATAL,
  severityText: 'fatal',
  eventName: EVENT_UNCAUGHT_EXCEPTION,
}
const REJECTION_KIND: Kind = {
  severityNumber: SEVERITY_ERROR,
  severityText: 'error',
  eventName: 'process.unhandled_rejection',
}
const WARNING_KIND: Kind = { severityNumber: SEVERITY_WARN, severityText: 'warning', eventName: 'process.warning' }

/** What was thrown may be anything: nothing here reads it but what copes with that. */
function write(records: RecordEmitter, thrown: unknown, kind: Kind): void {
  if (!reportOnce(thrown)) return
  const verdict = records.judge(kind.severityNumber, SCOPE.name)
  if (verdict === 'drop') return
  const attributes: Record<string, AnyValue> = {}
  if (isErrorLike(thrown)) addException(attributes, thrown)
  const message = isErrorLike(thrown) ? attributes['exception.message'] : toAnyValue(thrown)
  const body = message ?? attributes['exception.type'] ?? 'undefined'
  records.emit({ ...kind, body, attributes, context: context.active() }, SCOPE, verdict)
}
