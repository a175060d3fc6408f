/**
 * Is a record of bunyan's wanted, and how is it written down: straight to bytes where it is a text and plain fields.
 */
import type { SpanContext } from '@opentelemetry/api'

import { safeMessage } from '../../../model/js-object.ts'
import { severityOfPinoLevel } from '../../../model/severity.ts'
import { ATTR_TRUNCATED } from '../../../model/semconv.ts'
import { timeOfValue } from '../../../model/time.ts'
import { FieldRoles, type FieldRole } from '../../../record/field-roles.ts'
import type { Kept } from '../../../record/levels.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import { createLoggerScopes } from '../logger-scopes.ts'
import { beginWriting } from '../printed-lines.ts'
import type { BunyanRecord } from './bunyan-types.ts'
import type { Emission, OnRecord } from './emission.ts'
import { isOfLogger, LOGGER_KEYS, recordOfBunyan, type BunyanInput } from './record-of-bunyan.ts'
import { dropIdsOfOurs, idOf, TRACE_KEYS } from './trace-fields.ts'

export interface RecordWriterOptions {
  readonly records: RecordEmitter
  readonly version: () => string
  readonly activeSpan: () => SpanContext | undefined
  readonly levelName: (level: number) => string
  /** A call has given a trace of its own while a span was active. */
  readonly onOwnTrace: () => void
}

/** Fields that may be more than attributes: looked at one by one. */
const SPECIAL: ReadonlySet<string> = new Set(['err', 'error', 'cause', 'src'])
const ENVELOPE: ReadonlySet<string> = new Set(['level', 'msg', 'v', 'time', ...LOGGER_KEYS])

const ROLES = new FieldRoles(roleOf)
/** Where the trace's ids are ours. */
const TRACED_ROLES = new FieldRoles((key) => ((TRACE_KEYS as readonly string[]).includes(key) ? 'skip' : roleOf(key)))

function roleOf(key: string): FieldRole {
  if (ENVELOPE.has(key)) return 'skip'
  return SPECIAL.has(key) ? 'leave' : 'field'
}

export function scopeNameOf({ name }: BunyanRecord): string {
  return typeof name === 'string' && name !== '' ? name : 'bunyan'
}

/** Of the Date that bunyan makes for each record. */
function millisOf(time: unknown): number | undefined {
  const millis = time instanceof Date ? time.getTime() : Number.NaN
  return Number.isNaN(millis) ? undefined : millis
}

interface Wanted {
  readonly record: BunyanRecord
  readonly emission: Emission
  readonly severityNumber: number
  readonly severityText: string
  readonly verdict: Kept
  readonly hasTrace: boolean
}

export function createRecordWriter({
  records,
  version,
  activeSpan,
  levelName,
  onOwnTrace,
}: RecordWriterOptions): OnRecord {
  const scopeOf = createLoggerScopes(version)

  function write(wanted: Wanted): void {
    const { record, emission, severityNumber, severityText, verdict, hasTrace } = wanted
    const scope = scopeOf(scopeNameOf(emission.logger.fields))
    const { msg: body } = record
    const timeMillis = millisOf(record['time'])
    const timeUnixNano = timeMillis === undefined ? timeOfValue(record['time']) : undefined
    const hasTime = timeMillis !== undefined || timeUnixNano !== undefined
    const isPlain = typeof body === 'string' && hasTime && isOrdinary(record, emission)
    if (isPlain && !body.includes('\u001B')) {
      const roles = hasTrace ? TRACED_ROLES : ROLES
      const plain = { severityNumber, severityText, body, fields: record, roles, mayHaveGetters: false }
      if (records.emitPlain({ ...plain, timeMillis, timeUnixNano, isTimeCut: true }, scope, verdict)) return
    }
    records.emit({ severityNumber, severityText, ...inputOf(wanted) }, scope, verdict)
  }

  return (record, emission) => {
    const span = activeSpan()
    const hasTrace = TRACE_KEYS.every((key) => record[key] === (span === undefined ? undefined : idOf(span, key)))
    if (!hasTrace && span !== undefined && dropIdsOfOurs(record, span)) onOwnTrace()
    // Streams that get the record itself are not to see what a line does not have.
    if (hasTrace && span === undefined && emission.streams.some(({ raw }) => raw)) withoutTrace(record)
    beginWriting(emission, record['msg'], emission.line?.trimEnd())
    const level = record['level'] as number
    const severityNumber = severityOfPinoLevel(level)
    const isPrinted = emission.streams.some((stream) => stream.level <= level)
    const verdict = records.judge(severityNumber, scopeNameOf(emission.logger.fields), undefined, isPrinted)
    if (verdict === 'drop') return
    write({ record, emission, severityNumber, severityText: levelName(level), verdict, hasTrace })
  }
}

function isOrdinary(record: BunyanRecord, { logger: { fields } }: Emission): boolean {
  return (
    isOfLogger(record, fields, 'name') && isOfLogger(record, fields, 'pid') && isOfLogger(record, fields, 'hostname')
  )
}

function withoutTrace(record: BunyanRecord): void {
  for (const key of TRACE_KEYS) delete record[key]
}

function inputOf({ record, emission, hasTrace }: Wanted): BunyanInput {
  try {
    return recordOfBunyan(record, emission, hasTrace)
  } catch (error) {
    return { body: safeMessage(error), attributes: { [ATTR_TRUNCATED]: true } }
  }
}
