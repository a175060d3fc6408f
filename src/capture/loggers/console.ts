/**
 * console.log and its like, through Node's own channels: nothing is patched, and what console prints is untouched.
 *
 * `table`, `group`, `count`, `timeEnd` and `assert` reach us through the method they print with; `dir` does not (Node tells
 * no channel of it).
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { format, stripVTControlCharacters } from 'node:util'

import type { AnyValue } from '../../model/any-value.ts'
import { toAnyValue } from '../../model/js-value.ts'
import { addException, isErrorLike } from '../../record/exception.ts'
import type { RecordEmitter } from '../../record/record-emitter.ts'
import type { Instrumentation, InstrumentationStatus } from '../instrumentation.ts'
import { isExpectedLine } from './printed-lines.ts'

export interface ConsoleInstrumentationOptions {
  readonly records: RecordEmitter
}

const SEVERITY_BY_METHOD = { log: 9, info: 9, warn: 13, error: 17, debug: 5 } as const
const METHODS = Object.keys(SEVERITY_BY_METHOD) as (keyof typeof SEVERITY_BY_METHOD)[]
const SEVERITY_TRACE = 1
const SCOPE = { name: 'console', version: process.versions.node }

const WARNING_PREFIX = `(node:${process.pid}) `

/** How console.trace prints: by console.error, with a stack that it has made itself. */
const TRACE_TEXT = /^Trace(?:: [\s\S]*)?\n {4}at /

export function createConsoleInstrumentation({ records }: ConsoleInstrumentationOptions): Instrumentation {
  let status: InstrumentationStatus = 'off'
  /** Formatting may call the application's own code, which may print. */
  let isInside = false

  const subscribers = METHODS.map((method) => (message: unknown) => {
    if (isInside || !Array.isArray(message) || isExpectedLine(message) || isWarning(message)) return
    isInside = true
    try {
      write(records, method, message as unknown[])
    } catch {
      // What defeats util.format defeats console too, which throws in its own way.
    } finally {
      isInside = false
    }
  })

  return {
    name: 'console',
    enable() {
      if (status === 'active') return
      for (const [index, method] of METHODS.entries()) subscribe(`console.${method}`, subscribers[index] as () => void)
      status = 'active'
    },
    disable() {
      for (const [index, method] of METHODS.entries())
        unsubscribe(`console.${method}`, subscribers[index] as () => void)
      status = 'off'
    },
    status: () => status,
  }
}

/** Node prints its warnings by console.error; they have their record from process-events.ts. */
function isWarning(args: readonly unknown[]): boolean {
  const [first] = args
  return args.length === 1 && typeof first === 'string' && first.startsWith(WARNING_PREFIX)
}

function write(records: RecordEmitter, method: keyof typeof SEVERITY_BY_METHOD, args: readonly unknown[]): void {
  const [first] = args
  const isTrace = method === 'error' && args.length === 1 && typeof first === 'string' && TRACE_TEXT.test(first)
  const severityNumber = isTrace ? SEVERITY_TRACE : SEVERITY_BY_METHOD[method]
  if (!records.isEnabled(severityNumber, SCOPE.name)) return
  const attributes: Record<string, AnyValue> = {}
  const error = args.find(isError)
  if (error !== undefined) addException(attributes, error)
  const text = format(...args)
  const body = toAnyValue(text.includes('\u001B') ? stripVTControlCharacters(text) : text) ?? ''
  records.emit({ severityNumber, severityText: isTrace ? 'trace' : method, body, attributes }, SCOPE)
}

function isError(value: unknown): value is object {
  return isErrorLike(value) && Object.prototype.toString.call(value) === '[object Error]'
}
