/** A recorder under a clock of the test's, and what it hands over. */
import { ROOT_CONTEXT } from '@opentelemetry/api'

import { WholeRecord } from '../../../src/context/held-record.ts'
import { RequestUnit, type UnitEnd } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import type { InstrumentationScope, LogRecord } from '../../../src/model/log-record.ts'
import { Recorder, type RecorderSettings } from '../../../src/process/recorder/recorder.ts'

export const APP: InstrumentationScope = { name: 'app', version: '' }
export const ENDS: InstrumentationScope = { name: 'tracelog.http', version: '' }
const MIB = 1024 * 1024

export const SETTINGS: RecorderSettings = {
  hasBudget: false,
  keepFrom: 1,
  dumpFrom: 17,
  dumpStatuses: [{ from: 500, to: 599 }],
  slowMillis: undefined,
  dumpsAborted: false,
  ratio: 0,
  lingerMillis: 2_000,
  maxBytes: 32 * MIB,
  unitMaxBytes: MIB / 2,
  unitMaxRecords: 1_000,
}

export function recordOf(body: string, severityNumber: number = 5): LogRecord {
  return {
    timeUnixNano: 1n,
    observedTimeUnixNano: 1n,
    severityNumber,
    severityText: '',
    eventName: '',
    body,
    attributes: {},
    traceId: '',
    spanId: '',
    traceFlags: 1,
    droppedAttributesCount: 0,
  }
}

export class RecorderKit {
  nowMillis = 1_000
  /** A header as `[reason]`, a recovered record with `+` before it, others as they are. */
  readonly out: string[] = []
  readonly emitted: LogRecord[] = []
  readonly recorder: Recorder
  #units = 0

  constructor(settings: Partial<RecorderSettings> = {}) {
    this.recorder = new Recorder({
      ...SETTINGS,
      ...settings,
      target: { accepts: () => true, emit: (record) => this.#emit(record) },
      endScopes: new Set([ENDS]),
      nowUnixNano: () => 1n,
      detached: () => {},
      nowMillis: () => this.nowMillis,
    })
  }

  begin(traceId: string = (++this.#units).toString(16).padStart(32, '0'), route: string = `/${traceId}`): RequestUnit {
    const unit = new RequestUnit({
      ids: SpanIds.of(traceId, '1'.repeat(16)),
      traceFlags: 1,
      method: 'GET',
      path: '/',
      startedMillis: this.nowMillis,
      isPeerTrusted: false,
    })
    unit.route = route
    this.recorder.onBegin(unit)
    return unit
  }

  end(unit: RequestUnit, end: Partial<UnitEnd> = {}): void {
    unit.hasEnded = true
    const millis = this.nowMillis - unit.startedMillis
    this.recorder.onEnd(unit, { millis, status: 200, isAborted: false, errorType: undefined, ...end })
  }

  /** As levels.ts and app/sinks.ts do it. @returns whether it is held */
  keep(unit: RequestUnit, body: string, severityNumber: number = 5): boolean {
    if (severityNumber < unit.captureFrom || !this.recorder.holds(unit)) return false
    this.recorder.beginKeeping()
    this.recorder.keep(new WholeRecord(recordOf(body, severityNumber), APP, ROOT_CONTEXT), unit, severityNumber)
    return true
  }

  /** A record that a level lets through. */
  log(unit: RequestUnit, body: string, severityNumber: number = 17, scope: InstrumentationScope = APP): void {
    const record = recordOf(body, severityNumber)
    this.recorder.beforeExport(record, scope, unit)
    this.out.push(body)
  }

  #emit(record: LogRecord): void {
    this.emitted.push(record)
    const { attributes, body } = record
    if (record.eventName === '')
      this.out.push(`${attributes['tracelog.buffered'] === true ? '+' : ''}${body as string}`)
    else this.out.push(`[${attributes['tracelog.dump.reason'] as string}]`)
  }
}
