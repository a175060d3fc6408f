/**
 * console.log and its like: the body of a record is the text that Console hands to its stream, made once, by Console.
 *
 * `table`, `group`, `count`, `timeEnd` and `assert` are heard as the method they print with.
 */
import { stripVTControlCharacters, types } from 'node:util'

import { sayOnce } from '../../diag/events.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { toAnyValue } from '../../model/js-value.ts'
import { addException } from '../../record/exception.ts'
import { copyError } from '../../record/own-data.ts'
import { FieldRoles } from '../../record/field-roles.ts'
import type { RecordEmitter } from '../../record/record-emitter.ts'
import type { Instrumentation, InstrumentationStatus } from '../instrumentation.ts'
import { hearConsoles, type ConsoleMethod, type ConsoleWrite } from './console-writes.ts'
import { isWritten } from './printed-lines.ts'

export interface ConsoleInstrumentationOptions {
  readonly records: RecordEmitter
}

const SEVERITY_BY_METHOD: Readonly<Record<ConsoleMethod, number>> = {
  log: 9,
  info: 9,
  dir: 9,
  warn: 13,
  error: 17,
  debug: 5,
}
const SEVERITY_TRACE = 1
const SCOPE = { name: 'console', version: process.versions.node }

/** Levels of nesting of an error's causes and fields. */
const MAX_ERROR_DEPTH = 5

const WARNING_PREFIX = `(node:${process.pid}) `

/** How console.trace prints: by console.error, with a stack that it has made itself. */
const TRACE_TEXT = /^Trace(?:: [\s\S]*)?\n {4}at /

export function createConsoleInstrumentation({ records }: ConsoleInstrumentationOptions): Instrumentation {
  let status: InstrumentationStatus = 'off'
  let leave: (() => void) | undefined
  return {
    name: 'console',
    enable() {
      if (status === 'active') return
      leave = hearConsoles({
        judge: (method) => records.judge(SEVERITY_BY_METHOD[method], SCOPE.name),
        onWrite: (write) => emit(records, write),
      })
      status = leave === undefined ? 'failed' : 'active'
      if (status === 'failed') {
        sayOnce('hook:console', `could not attach to console of Node ${process.version}: its lines are not captured`)
      }
    },
    disable() {
      leave?.()
      leave = undefined
      status = 'off'
    },
    status: () => status,
  }
}

function emit(records: RecordEmitter, { method, args, text, verdict: answered }: ConsoleWrite): void {
  if (isWritten(text) || isWarning(method, text)) return
  const isTrace = method === 'error' && args.length === 1 && args[0] === text && TRACE_TEXT.test(text)
  const severityNumber = isTrace ? SEVERITY_TRACE : SEVERITY_BY_METHOD[method]
  const verdict = isTrace ? records.judge(severityNumber, SCOPE.name) : answered
  if (verdict === 'drop') return
  const severityText = isTrace ? 'trace' : method
  const body = text.includes('\u001B') ? stripVTControlCharacters(text) : text
  const error = args.find((arg) => types.isNativeError(arg))
  if (error === undefined) {
    const plain = { severityNumber, severityText, body, fields: NO_FIELDS, roles: ROLES, mayHaveGetters: false }
    if (records.emitPlain(plain, SCOPE, verdict)) return
  }
  const attributes: Record<string, AnyValue> = {}
  if (error !== undefined) addException(attributes, copyError(error, MAX_ERROR_DEPTH))
  records.emit({ severityNumber, severityText, body: toAnyValue(body) ?? '', attributes }, SCOPE, verdict)
}

const NO_FIELDS = Object.freeze({})
const ROLES = new FieldRoles()

/** Node prints its warnings by console.error; they have their record from process-events.ts. */
function isWarning(method: ConsoleMethod, text: string): boolean {
  return method === 'error' && text.startsWith(WARNING_PREFIX)
}
