/**
 * What a dump writes beside the records that were kept: its header, and the mark on each of them.
 */
import type { AnyValue } from '../../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../../model/log-record.ts'
import {
  ATTR_BUFFERED,
  ATTR_DUMP_BUFFERED,
  ATTR_DUMP_EVICTED_BYTES,
  ATTR_DUMP_EVICTED_RECORDS,
  ATTR_DUMP_FIRST_TIMESTAMP,
  ATTR_DUMP_KEPT,
  ATTR_DUMP_REASON,
  ATTR_DUMP_SUPPRESSED,
  EVENT_RECORDER_DUMP,
} from '../../model/semconv.ts'
import { SEVERITY_WARN } from '../../model/severity.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { DumpRequest, UnitRing } from './unit-ring.ts'

export const RECORDER_SCOPE: InstrumentationScope = { name: 'tracelog.recorder', version: '' }

export interface DumpHeader {
  readonly ring: UnitRing
  readonly request: DumpRequest
  /** How many records follow, or would. */
  readonly count: number
  /** Of the first of them. Nanoseconds since the epoch. */
  readonly firstUnixNano: bigint | undefined
  readonly nowUnixNano: bigint
  /** Too many dumps at once: no record follows. Default false. */
  readonly isSuppressed?: boolean
  /** False: the unit was not among those that are kept. Default true. */
  readonly isKept?: boolean
}

export function headerRecord(header: DumpHeader): LogRecord {
  const { ring, request, count, firstUnixNano, nowUnixNano, isSuppressed = false, isKept = true } = header
  const attributes: Record<string, AnyValue> = {
    ...(request.fields as Readonly<Record<string, AnyValue>> | undefined),
    [ATTR_DUMP_REASON]: request.reason,
    [ATTR_DUMP_BUFFERED]: count,
    [ATTR_DUMP_EVICTED_RECORDS]: ring.evictedRecords,
    [ATTR_DUMP_EVICTED_BYTES]: ring.evictedBytes,
  }
  if (firstUnixNano !== undefined) attributes[ATTR_DUMP_FIRST_TIMESTAMP] = formatTimestamp(firstUnixNano)
  if (isSuppressed) attributes[ATTR_DUMP_SUPPRESSED] = true
  if (!isKept) attributes[ATTR_DUMP_KEPT] = false
  return {
    timeUnixNano: nowUnixNano,
    observedTimeUnixNano: nowUnixNano,
    severityNumber: SEVERITY_WARN,
    severityText: 'WARN',
    eventName: EVENT_RECORDER_DUMP,
    body: bodyOf(header),
    attributes,
    traceId: ring.traceId,
    spanId: ring.spanId,
    traceFlags: ring.traceFlags,
    droppedAttributesCount: 0,
  }
}

function bodyOf({ count, request: { text }, isSuppressed = false, isKept = true }: DumpHeader): string {
  const kept = `${count} ${count === 1 ? 'record' : 'records'} kept below the level`
  const said = text === undefined ? '' : `: ${text}`
  if (!isKept) return `no record was kept below the level, this request was passed over${said}`
  return isSuppressed ? `${kept}, not exported: too many dumps${said}` : `${kept}${said}`
}

/** As it is exported. */
export function recovered(record: LogRecord): LogRecord {
  return { ...record, attributes: { ...record.attributes, [ATTR_BUFFERED]: true } }
}
