/**
 * Which winston records are written down? The level decides, and what the transports take.
 */
import type { Context } from '@opentelemetry/api'

import { unitOf } from '../../../context/request-unit.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import { isReported } from '../../../record/reported-errors.ts'
import { createInfoEmitter, type InfoCall, type Wanted } from './info-emitter.ts'
import { readField, type Fields } from './info-exception.ts'
import { createFieldReader } from './info-values.ts'
import { severityIn } from './logger-state.ts'
import { readArguments } from './printf.ts'
import {
  copyPlain,
  fieldsOfInfo,
  recordOfInfo,
  recordOfSimpleInfo,
  unreadableRecord,
  type InfoRecord,
} from './record-of-info.ts'
import { isTaken, takes } from './taken-levels.ts'
import { mergeViews, type View } from './transport-redaction.ts'
import { LEVEL, pipesOf, SPLAT, type WinstonInfo, type WinstonLogger, type WinstonTransport } from './winston-types.ts'

export interface InfoWriterOptions {
  readonly records: RecordEmitter
  /** Whether a transport has a format of the application. */
  readonly hasFormat: (transport: WinstonTransport) => boolean
  /** winston's; known once it is loaded. */
  readonly version: () => string
}

/** A call whose record depends on what the transports' own formats make of its info. */
export interface InfoDraft {
  readonly call: InfoCall
  readonly wanted: Wanted
  readonly fields: Fields
  /** The transports that take it; each has a format. Where none takes it: all of them. */
  readonly takers: readonly WinstonTransport[]
}

/** What becomes of a call. `unprinted`: it is done, and no transport takes it. */
export type Written = InfoDraft | 'unprinted' | undefined

export interface InfoWriter {
  /**
   * Writes the record, unless it is unwanted.
   *
   * @param isLate  transports keep the info for later
   * @returns what is to be finished when the transports' formats have run
   */
  write(call: InfoCall, isLate: boolean): Written
  finish(draft: InfoDraft, views: readonly View[]): void
  /** Writes the record of an info that has been through all formats. */
  writeFormatted(call: InfoCall): void
}

export function createInfoWriter({ records, hasFormat, version }: InfoWriterOptions): InfoWriter {
  const { emit, emitPlain } = createInfoEmitter(records, version)

  return {
    write(call, isLate) {
      const wanted = wantedOf(call, records)
      if (wanted === undefined) return undefined
      const takers = takersWithFormat(call.logger, wanted, hasFormat)
      if (takers.length === 0) {
        if (!emitPlain(call, wanted)) emit(call, wanted, buildRecord(call))
        return wanted.isPrinted ? undefined : 'unprinted'
      }
      const fields = fieldsOf(call)
      return { call, wanted, fields: isLate ? (copyPlain(fields) as Fields) : fields, takers }
    },
    writeFormatted(call) {
      const wanted = wantedOf(call, records)
      if (wanted !== undefined) emit(call, wanted, buildRecord(call))
    },
    finish({ call, wanted, fields }, views) {
      const merged = mergeViews(call.info, fields, views)
      // A record that every transport's format swallows is none.
      if (merged !== undefined) emit(call, wanted, buildRecord(call, merged))
    },
  }
}

function wantedOf({ logger, info, context }: InfoCall, records: RecordEmitter): Wanted | undefined {
  const isException = readField(info, 'exception') === true
  const isRejection = readField(info, 'rejection') === true
  // winston's own handlers write uncaught errors that the process has told us of before.
  if ((isException || isRejection) && isReported(readField(info, 'error'))) return undefined
  const level = levelOf(info)
  const severityNumber = severityIn(logger.levels, level)
  const isPrinted = isRejection || isTaken(logger, level, isException)
  if (!isPrinted && !isPossible(records, severityNumber, context)) return undefined
  return { level, severityNumber, isPrinted, isException }
}

function isPossible({ levels }: RecordEmitter, severityNumber: number, context: Context): boolean {
  return levels.isPossible(severityNumber, levels.isHolding ? unitOf(context) : undefined)
}

function levelOf(info: WinstonInfo): string {
  const level = info[LEVEL] ?? readField(info, 'level')
  return typeof level === 'string' ? level : 'info'
}

/**
 * Empty unless every transport that takes the record has a format of its own. Where none takes it, all count: what each of them
 * removes is not for others.
 */
function takersWithFormat(
  logger: WinstonLogger,
  { level, isException, isPrinted }: Wanted,
  hasFormat: (transport: WinstonTransport) => boolean,
): readonly WinstonTransport[] {
  let found: WinstonTransport[] | undefined
  for (const transport of pipesOf(logger)) {
    if (isPrinted && !takes(transport, level, isException)) continue
    if (!hasFormat(transport)) return NONE
    found ??= []
    found.push(transport)
  }
  return found ?? NONE
}

const NONE: readonly WinstonTransport[] = []

/** @param merged  what the transports' formats have left */
function buildRecord(call: InfoCall, merged?: View): InfoRecord {
  try {
    const { info, original, logged } = call
    const { message, splat, caller } = logged
    if (merged === undefined) {
      const simple = recordOfSimpleInfo({ info, original, message, given: undefined, caller }, splat)
      if (simple !== undefined) return simple
    }
    const given = argumentsOf(call)
    const fields = merged?.fields ?? fieldsOf(call)
    const text = merged === undefined ? createFieldReader(info)('message') : merged.message
    return recordOfInfo({ info, original, message, given, caller, fields, text, splat })
  } catch (error) {
    return unreadableRecord(error)
  }
}

function fieldsOf(call: InfoCall): Fields {
  return fieldsOfInfo(call.info, argumentsOf(call))
}

function argumentsOf({ info, original, logged: { message, splat } }: InfoCall) {
  if (splat.length === 0) return undefined
  const left = info[SPLAT] ?? original[SPLAT]
  return readArguments(message, splat, Array.isArray(left) ? left.length : 0)
}
