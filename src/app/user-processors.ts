/**
 * The step of users' processors between the redactor and the pipeline: a record as the SDK shows it, only where somebody wants one.
 */
import { isSpanContextValid, type Context } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { setField, type AnyValue, type Attributes } from '../model/any-value.ts'
import { convertAttributes, toAnyValue } from '../model/js-value.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { SdkLogRecord } from '../model/sdk-log-record.ts'
import type { SdkAttributes, SdkResource } from '../model/sdk-types.ts'
import type { Redactor } from '../process/redactor.ts'
import { Processors, type LogRecordProcessor, type SpanProcessor } from '../record/processors.ts'
import { timeOfInput } from '../record/time-input.ts'
import type { GivenObjects } from './start-options.ts'

/** Those of one process. */
export interface UserProcessors {
  readonly logs: Processors<LogRecordProcessor>
  readonly spans: Processors<SpanProcessor>
  add(given: GivenObjects): void
  /** They are neither flushed nor shut down. */
  remove(given: GivenObjects): void
  /** @returns whether all of them are done; settles within the time-out, never rejects */
  flush(timeoutMillis: number): Promise<boolean>
  /** Like `flush`; afterwards there are none. */
  shutdown(timeoutMillis: number): Promise<boolean>
  /** The event loop is empty: what they keep for a batch goes now. What they then do holds the process, as in bare Node. */
  lastTurn(): void
}

/** How long processors may take at the natural end before nobody waits for their answer. Milliseconds. */
const LAST_TURN_MILLIS = 1_000

export function createUserProcessors(given: GivenObjects = {}): UserProcessors {
  const logs = new Processors<LogRecordProcessor>(given.logRecordProcessors)
  const spans = new Processors<SpanProcessor>(given.spanProcessors)
  const both = async (of: (one: typeof logs | typeof spans) => Promise<boolean>) =>
    !(await Promise.all([of(logs), of(spans)])).includes(false)
  let hadLastTurn = false
  const all: UserProcessors = {
    logs,
    spans,
    add({ logRecordProcessors = [], spanProcessors = [] }) {
      logs.add(logRecordProcessors)
      spans.add(spanProcessors)
    },
    remove({ logRecordProcessors = [], spanProcessors = [] }) {
      logs.remove(logRecordProcessors)
      spans.remove(spanProcessors)
    },
    flush: (timeoutMillis) => both((one) => one.flush(timeoutMillis)),
    shutdown: (timeoutMillis) => both((one) => one.shutdown(timeoutMillis)),
    lastTurn() {
      if (hadLastTurn || (logs.isEmpty && spans.isEmpty)) return
      hadLastTurn = true
      void all.flush(LAST_TURN_MILLIS)
    },
  }
  return all
}

export interface LogStepOptions {
  readonly processors: Processors<LogRecordProcessor>
  readonly redactor: Redactor
  readonly resource: SdkResource
}

/** Shows a record to the processors. @returns what they have made of it */
export type LogStep = (record: LogRecord, scope: InstrumentationScope, active: Context) => LogRecord

export function createLogStep({ processors, redactor, resource }: LogStepOptions): LogStep {
  let isBusy = false
  return (record, scope, active) => {
    // What a processor itself logs, in onEmit or in its export, would come back to it for ever.
    if (processors.isEmpty || isBusy || isTracingSuppressed(active)) return record
    const shown = new SdkLogRecord(record, scope, resource)
    isBusy = true
    try {
      processors.each((processor) => processor.onEmit(shown, active))
    } finally {
      isBusy = false
    }
    const changed = readBack(shown, record)
    shown.freeze()
    // What was added may hold a secret, or be too long.
    return changed === record ? record : redactor.redactLog(changed)
  }
}

/** The same object when nothing was changed. */
function readBack(shown: SdkLogRecord, before: LogRecord): LogRecord {
  const { traceId, spanId, traceFlags } = spanOf(shown)
  const after: LogRecord = {
    timeUnixNano: timeOfInput(shown.hrTime) ?? before.timeUnixNano,
    observedTimeUnixNano: timeOfInput(shown.hrTimeObserved) ?? before.observedTimeUnixNano,
    severityNumber: severityOf(shown.severityNumber),
    severityText: textOf(shown.severityText),
    eventName: textOf(shown.eventName),
    body: shown.body === before.body ? before.body : toAnyValue(shown.body),
    attributes: before.attributes,
    traceId,
    spanId,
    traceFlags,
    droppedAttributesCount: countOf(shown.droppedAttributesCount),
  }
  if (!isSame(shown.attributes, before.attributes)) {
    const { attributes, droppedAttributesCount } = convertAttributes(shown.attributes)
    return {
      ...after,
      attributes: withUntouched(attributes, shown.attributes, before.attributes),
      droppedAttributesCount: after.droppedAttributesCount + droppedAttributesCount,
    }
  }
  return FIELDS.every((field) => after[field] === before[field]) ? before : after
}

const FIELDS = [
  'timeUnixNano',
  'observedTimeUnixNano',
  'severityNumber',
  'severityText',
  'eventName',
  'body',
  'traceId',
  'spanId',
  'traceFlags',
  'droppedAttributesCount',
] as const satisfies readonly (keyof LogRecord)[]

/** What nobody has touched stays what it was made into when it was logged: bytes stay bytes. */
function withUntouched(converted: Attributes, shown: SdkAttributes, before: Attributes): Attributes {
  const attributes: Record<string, AnyValue> = {}
  for (const [key, value] of Object.entries(converted)) {
    const own = Object.hasOwn(before, key) && shown[key] === before[key] ? before[key] : value
    if (own !== undefined) setField(attributes, key, own)
  }
  return attributes
}

function isSame(shown: SdkAttributes, before: LogRecord['attributes']): boolean {
  const keys = Object.keys(shown)
  return (
    keys.length === Object.keys(before).length &&
    keys.every((key) => Object.hasOwn(before, key) && shown[key] === before[key])
  )
}

const NO_SPAN = { traceId: '', spanId: '', traceFlags: 0 }

function spanOf({ spanContext }: SdkLogRecord): Pick<LogRecord, 'traceId' | 'spanId' | 'traceFlags'> {
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : NO_SPAN
}

function severityOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 24 ? Math.trunc(value) : 0
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 0x7fff_ffff ? Math.trunc(value) : 0
}
