/**
 * What happens to one line of pino: which trace stands in it, is it wanted, what is written down.
 *
 * Called when pino begins a line and when the line is whole, with none of the application's code in between on our account.
 */
import { context, trace } from '@opentelemetry/api'

import { guardedQuestion } from '../../../diag/guarded.ts'
import type { Kept } from '../../../record/levels.ts'
import type { RecordEmitter } from '../../../record/record-emitter.ts'
import { lineMade } from '../printed-lines.ts'
import { keysOfSpan } from '../span-keys.ts'
import { PinoBindings, type Bindings } from './bindings.ts'
import { timeOfLine } from './line-time.ts'
import { recordOfLine } from './line-record.ts'
import type { Line, LineArguments } from './line.ts'
import { isFormatted, LoggerShapes } from './logger-shape.ts'
import { rootOf, symbolsOf, type PinoLogger, type PinoStream, type PinoSymbols } from './pino-types.ts'

/** What the API returns for "no span". */
const INVALID_TRACE_ID = '00000000000000000000000000000000'

/** A call of a level that is off. */
export interface HeldCall {
  /** Made for this call alone. */
  readonly logger: PinoLogger
  readonly verdict: Kept
}

export class PinoBridge {
  readonly #records: RecordEmitter
  readonly #bindings = new PinoBindings()
  readonly #shapes = new LoggerShapes(() => {
    const line = this.#line
    // Below a key of its own it is another key.
    if (line !== undefined && !line.shape.isNested) line.hasTrace = true
  })
  /** Root loggers whose lines end as we say, and what of them is put back. */
  readonly #roots = new WeakSet()
  readonly #now = () => this.#records.nowUnixNano()
  /** Being made right now. */
  #line: Line | undefined
  /** The application's code runs within it too, and may log by other loggers. */
  #held: HeldCall | undefined
  isOn = true

  constructor(records: RecordEmitter) {
    this.#records = records
  }

  /** pino begins to write a line. */
  begin(logger: PinoLogger, args: LineArguments): void {
    const held = this.#held?.logger === logger ? this.#held.verdict : undefined
    const symbols = this.isOn ? this.#shapes.symbolsOf(logger, symbolsOf) : undefined
    if (symbols === undefined) return
    const shape = this.#shapes.of(logger, symbols)
    this.#watchEnd(logger, symbols)
    const tail = tailOfActiveSpan()
    const hasTrace =
      tail !== '' &&
      ((!shape.hearsTraceKey && Object.hasOwn(args[0], 'trace_id')) || this.bindingsOf(logger, symbols).hasTrace)
    this.#line = { logger, shape, args, tail, held, isEndTaken: false, hasTrace, outer: this.#line }
  }

  /** The line is whole. @param text  `undefined`: what the application's code threw has ended it */
  end(logger: PinoLogger, text: unknown): void {
    const line = this.#line
    // Begun while it was off, or by somebody whom we do not know.
    if (line?.logger !== logger) return
    this.#line = line.outer
    if (typeof text !== 'string') return
    if (line.held === undefined) lineMade(text)
    this.#emit(line, text)
  }

  /**
   * Makes the line of a level that is off.
   *
   * @param write  makes pino write it, to nowhere
   */
  hold(call: HeldCall, write: () => void): void {
    const outer = this.#held
    this.#held = call
    try {
      write()
    } finally {
      this.#held = outer
    }
  }

  bindingsOf(logger: PinoLogger, symbols: PinoSymbols): Bindings {
    const root = rootOf(logger, symbols) as PinoLogger | undefined
    const { version } = logger
    return this.#bindings.of(
      logger[symbols.chindings] as string,
      (root?.[symbols.chindings] ?? '') as string,
      typeof version === 'string' ? version : '',
    )
  }

  severityOf(logger: PinoLogger, label: string): number | undefined {
    const symbols = this.#shapes.symbolsOf(logger, symbolsOf)
    const num = logger.levels.values[label]
    if (symbols === undefined || num === undefined) return undefined
    return this.#shapes.of(logger, symbols).severityOf(label, num)
  }

  #emit(line: Line, text: string): void {
    const { logger, shape, args, held } = line
    const [fields, message, num, timeText] = args
    const label = logger.levels.labels[num]
    const severityNumber = shape.severityOf(label, num)
    const severityText = label ?? String(num)
    const bindings = this.bindingsOf(logger, shape.symbols)
    const isPrinted = isTaken(logger[shape.symbols.stream] as PinoStream | undefined, num)
    const verdict = held ?? this.#records.judge(severityNumber, bindings.scope.name, undefined, isPrinted)
    if (verdict === 'drop') return
    const time = timeOfLine(timeText, this.#now)
    if (time.other === undefined && isPlainLine(line, bindings)) {
      const plain = {
        severityNumber,
        severityText,
        body: message as string,
        fields,
        roles: shape.roles,
        mayHaveGetters: true,
        timeUnixNano: time.unixNano,
        isTimeCut: true,
      }
      if (this.#records.emitPlain(plain, bindings.scope, verdict)) return
    }
    const record = recordOfLine(line, text, { bindings, time })
    this.#records.emit({ ...record, severityNumber, severityText }, bindings.scope, verdict)
  }

  /** `pino.end`, which pino reads before anything else of a line, is what closes it: with the trace's keys before it. */
  #watchEnd(logger: PinoLogger, symbols: PinoSymbols): void {
    const root = rootOf(logger, symbols)
    if (root === undefined || this.#roots.has(root)) return
    this.#roots.add(root)
    const field = Object.getOwnPropertyDescriptor(root, symbols.end)
    const end: unknown = field?.value
    if (typeof end !== 'string' || field?.configurable !== true) return
    const endOf = guardedQuestion('pino', () => this.#endOf(end))
    Object.defineProperty(root, symbols.end, {
      configurable: true,
      enumerable: true,
      get: () => endOf(undefined) ?? end,
      set(this: object, value: unknown) {
        Object.defineProperty(this, symbols.end, { ...field, value })
      },
    })
  }

  #endOf(end: string): unknown {
    const line = this.#line
    if (line === undefined || line.isEndTaken || line.tail === '') return end
    line.isEndTaken = true
    // Known when all fields are written: pino makes a text of it then.
    return { [Symbol.toPrimitive]: () => (line.hasTrace ? end : line.tail + end) }
  }
}

function tailOfActiveSpan(): string {
  const span = trace.getSpanContext(context.active())
  return span === undefined || span.traceId === INVALID_TRACE_ID ? '' : keysOfSpan(span)
}

/** `pino.multistream` hands a line to none, when it lies below all of its streams. */
function isTaken(stream: PinoStream | undefined, num: number): boolean {
  const minLevel = stream?.minLevel
  return typeof minLevel !== 'number' || !Array.isArray(stream?.streams) || num >= minLevel
}

/** Whether it may be a text and plain fields, as nearly all are: what is more, the writer of these finds out. */
function isPlainLine({ logger, shape, args: [, message] }: Line, bindings: Bindings): boolean {
  if (typeof message !== 'string' || message.includes('\u001B') || !bindings.isEmpty) return false
  return !shape.isNested && !shape.isFromLine(shape.messageKey) && !isFormatted(logger)
}
