/**
 * Which winston records are written down, and under which scope: the level decides, and what the transports take.
 */
import type { Context } from '@opentelemetry/api'

import type { InstrumentationScope } from '../../../model/log-record.ts'
import type { RecordEmitter, RecordInput } from '../../../record/record-emitter.ts'
import { isReported } from '../../../record/reported-errors.ts'
import { readField, type Fields } from './info-exception.ts'
import { severityIn, type LoggerState } from './logger-state.ts'
import { readArguments } from './printf.ts'
import { fieldsOfInfo, recordOfInfo, recordOfSimpleInfo, unreadableRecord, type InfoRecord } from './record-of-info.ts'
import { isTaken, takes } from './taken-levels.ts'
import type { TransportFormats } from './transport-formats.ts'
import { applyTransportFormats } from './transport-redaction.ts'
import { LEVEL, pipesOf, SPLAT, type WinstonFormat, type WinstonInfo } from './winston-types.ts'

export interface InfoWriterOptions {
  readonly records: RecordEmitter
  readonly formats: TransportFormats
  /** winston's; known once it is loaded. */
  readonly version: () => string
}

/** Labels may be made per request; beyond this many, scopes are not reused. */
const MAX_SCOPES = 1000
const NO_FORMATS: readonly WinstonFormat[] = []

/** @returns writes one info that has passed its logger's format */
export function createInfoWriter(
  options: InfoWriterOptions,
): (state: LoggerState, info: WinstonInfo, active: Context) => void {
  const { records, formats } = options
  const scopes = new Map<string, InstrumentationScope>()

  function scopeOf(name: string): InstrumentationScope {
    let scope = scopes.get(name)
    if (scope === undefined) {
      scope = { name, version: options.version() }
      if (scopes.size < MAX_SCOPES) scopes.set(name, scope)
    }
    return scope
  }

  return (state, info, active) => {
    const { logger } = state
    const isException = readField(info, 'exception') === true
    const isRejection = readField(info, 'rejection') === true
    // winston's own handlers write uncaught errors that the process has told us of before.
    if ((isException || isRejection) && isReported(readField(info, 'error'))) return
    const level = levelOf(info)
    const severityNumber = severityIn(logger.levels, level)
    const isPrinted = isRejection || isTaken(logger, level, isException)
    const lowest = records.lowestThreshold()
    if (!isPrinted && (lowest === undefined || severityNumber < lowest)) return

    const record = buildRecord(state, info, formatsOfTakers(formats, state, { level, isException }))
    if (record === undefined) return
    const name = record.label ?? state.name ?? 'winston'
    const threshold = records.thresholdOf(name)
    if (threshold === undefined ? !isPrinted : severityNumber < threshold) return
    if (!records.isEnabled(severityNumber, name)) return
    const { body, attributes, eventName, timeUnixNano, droppedAttributesCount } = record.input
    records.emit(
      {
        severityNumber,
        severityText: level,
        body,
        attributes,
        eventName,
        timeUnixNano,
        // format.timestamp() keeps three decimals.
        isTimeCut: true,
        droppedAttributesCount,
        context: active,
      } as RecordInput,
      scopeOf(name),
    )
  }
}

function levelOf(info: WinstonInfo): string {
  const level = info[LEVEL] ?? readField(info, 'level')
  return typeof level === 'string' ? level : 'info'
}

/** Empty unless every transport that takes the record has a format of its own. */
function formatsOfTakers(
  formats: TransportFormats,
  { logger }: LoggerState,
  { level, isException }: { level: string; isException: boolean },
): readonly WinstonFormat[] {
  let found: WinstonFormat[] | undefined
  for (const transport of pipesOf(logger)) {
    if (!takes(transport, level, isException)) continue
    const format = formats.formatOf(transport)
    if (typeof format?.transform !== 'function') return NO_FORMATS
    found ??= []
    found.push(format)
  }
  return found ?? NO_FORMATS
}

/** @returns `undefined` for a record that every transport's format swallows */
function buildRecord(state: LoggerState, info: WinstonInfo, formats: readonly WinstonFormat[]): InfoRecord | undefined {
  try {
    const original = state.logger._transformState.writechunk ?? info
    const { message, splat, caller } = state
    if (formats.length === 0) {
      const simple = recordOfSimpleInfo({ info, original, message, given: undefined, caller }, splat)
      if (simple !== undefined) return simple
    }
    const left = splat.length === 0 ? 0 : lengthOf(info[SPLAT] ?? original[SPLAT])
    const given = splat.length === 0 ? undefined : readArguments(message, splat, left)
    let fields: Fields = fieldsOfInfo(info, given)
    let text = readField(info, 'message')
    if (formats.length > 0) {
      const view = applyTransportFormats(info, fields, formats)
      if (view === undefined) return undefined
      fields = view.fields
      text = view.message
    }
    return recordOfInfo({ info, original, message, given, caller, fields, text, splat })
  } catch (error) {
    return unreadableRecord(error)
  }
}

function lengthOf(splat: unknown): number {
  return Array.isArray(splat) ? splat.length : 0
}
