/**
 * One winston record on its way out: under which scope, and by the short way where it is plain.
 */
import type { Context } from '@opentelemetry/api'

import type { RecordEmitter, RecordInput } from '../../../record/record-emitter.ts'
import { createLoggerScopes } from '../logger-scopes.ts'
import type { InfoSource } from './info-exception.ts'
import type { LoggedInfo } from './logger-state.ts'
import { plainInfoOf, type PlainInfo } from './plain-info.ts'
import type { InfoRecord } from './record-of-info.ts'
import type { WinstonInfo, WinstonLogger } from './winston-types.ts'

/** One call of a logger, when its info has passed the logger's format. */
export interface InfoCall {
  readonly logger: WinstonLogger
  /** The id in `winston.loggers`. */
  readonly name: string | undefined
  readonly info: WinstonInfo
  /** The info as it was logged. */
  readonly original: WinstonInfo
  readonly logged: LoggedInfo
  readonly context: Context
  /** Default: now. */
  readonly timeUnixNano?: bigint | undefined
  /** The logger's stream keeps the info for later, for all of its transports. Default false. */
  readonly isKept?: boolean
}

export interface Wanted {
  readonly level: string
  readonly severityNumber: number
  readonly isPrinted: boolean
  readonly isException: boolean
}

export interface InfoEmitter {
  emit: (call: InfoCall, wanted: Wanted, record: InfoRecord) => void
  /** @returns false: it may be more than a text and plain fields, `emit` has to do it */
  emitPlain: (call: InfoCall, wanted: Wanted) => boolean
}

export function createInfoEmitter(records: RecordEmitter, version: () => string): InfoEmitter {
  const scopeOf = createLoggerScopes(version)

  function emit(call: InfoCall, wanted: Wanted, record: InfoRecord): void {
    const { level, severityNumber, isPrinted } = wanted
    const name = record.label ?? call.name ?? 'winston'
    const verdict = records.judge(severityNumber, name, call.context, isPrinted)
    if (verdict === 'drop') return
    const { body, attributes, eventName, timeUnixNano, droppedAttributesCount } = record.input
    records.emit(
      {
        severityNumber,
        severityText: level,
        body,
        attributes,
        eventName,
        timeUnixNano: call.timeUnixNano ?? timeUnixNano,
        // format.timestamp() keeps three decimals.
        isTimeCut: true,
        droppedAttributesCount,
        context: call.context,
      } as RecordInput,
      scopeOf(name),
      verdict,
    )
  }

  function emitPlain(call: InfoCall, { level, severityNumber, isPrinted }: Wanted): boolean {
    const { info, original, logged, context } = call
    const { message, splat, caller } = logged
    const plain = plainOf({ info, original, message, given: undefined, caller }, splat)
    if (plain === undefined) return false
    const name = call.name ?? 'winston'
    const verdict = records.judge(severityNumber, name, context, isPrinted)
    if (verdict === 'drop') return true
    const { body, roles, mayHaveGetters, timeMillis, timeUnixNano } = plain
    return records.emitPlain(
      {
        severityNumber,
        severityText: level,
        body,
        fields: info,
        roles,
        mayHaveGetters,
        timeMillis: call.timeUnixNano === undefined ? timeMillis : undefined,
        timeUnixNano: call.timeUnixNano ?? timeUnixNano,
        isTimeCut: true,
        context,
      },
      scopeOf(name),
      verdict,
    )
  }

  return { emit, emitPlain }
}

/** @returns `undefined` also for what cannot even be asked: a Proxy */
function plainOf(source: InfoSource, splat: readonly unknown[]): PlainInfo | undefined {
  try {
    return 'label' in source.info ? undefined : plainInfoOf(source, splat)
  } catch {
    return undefined
  }
}
