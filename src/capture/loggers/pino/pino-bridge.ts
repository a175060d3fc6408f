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
import type { Bindings } from './bindings.ts'
import { recordOfLine } from './line-record.ts'
import { timeOfLine } from './line-time.ts'
import { Line, type LineArguments } from './line.ts'
import { type LoggerSeat, LoggerSeats } from './logger-seats.ts'
import { isFormatted } from './logger-shape.ts'
import type { PinoLogger, PinoStream } from './pino-types.ts'

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
  readonly #seats: LoggerSeats
  readonly #now = () => this.#records.nowUnixNano()
  /** Being made right now. */
  #line: Line | undefined
  /** The application's code runs within it too, and may log by other loggers. */
  #held: HeldCall | undefined
  isOn = true

  constructor(records: RecordEmitter) {
    this.#records = records
    const onTraceKey = () => {
      const line = this.#line
      // Below a key of its own it is another key.
      if (line !== undefined && !line.seat.shape.isNested) line.hasTrace = true
    }
    this.#seats = new LoggerSeats(onTraceKey, (root, key) => this.#watchEnd(root, key))
  }

  /** pino begins to write a line. */
  begin(logger: PinoLogger, args: LineArguments): void {
    const seat = this.isOn ? this.#seats.of(logger) : undefined
    if (seat === undefined) return
    const held = this.#held?.logger === logger ? this.#held.verdict : undefined
    const tail = tailOfActiveSpan()
    const hasTrace = tail !== '' && this.#hasTrace(seat, args)
    this.#line = new Line({ logger, seat, args, tail, held, hasTrace }, this.#line)
  }

  /** The line is whole. @param text  `undefined`: what the application's code threw has ended it */
  end(logger: PinoLogger, text: unknown): void {
    const line = this.#line
    // Begun while it was off, or by somebody whom we do not know.
    if (line?.logger !== logger) return
    this.#line = line.outer
    if (typeof text !== 'string') return
    if (line.held === undefined) lineMade(text, line.args[1])
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

  /** @returns `undefined` for what is no logger of a pino that we know */
  seatOf(logger: PinoLogger): LoggerSeat | undefined {
    return this.#seats.of(logger)
  }

  bindingsOf({ logger, root, symbols: { chindings }, bindings }: LoggerSeat): Bindings {
    return bindings.of(logger[chindings] as string, root[chindings] as string)
  }

  #hasTrace(seat: LoggerSeat, args: LineArguments): boolean {
    if (!seat.shape.hearsTraceKey && Object.hasOwn(args[0], 'trace_id')) return true
    return this.bindingsOf(seat).hasTrace
  }

  #emit(line: Line, text: string): void {
    const { logger, seat, args, held } = line
    const { shape } = seat
    const { 0: fields, 1: message, 2: num, 3: timeText } = args
    const label = seat.levels.labels[num]
    const severityNumber = shape.severityOf(label, num)
    const severityText = label ?? String(num)
    const bindings = this.bindingsOf(seat)
    const isPrinted = isTaken(logger[seat.symbols.stream] as PinoStream | undefined, num)
    const verdict = held ?? this.#records.judge(severityNumber, bindings.scope.name, undefined, isPrinted)
    if (verdict === 'drop') return
    const time = timeOfLine(timeText, this.#now)
    if (time.other === undefined && isPlainLine(line)) {
      const plain = {
        severityNumber,
        severityText,
        body: message as string,
        before: bindings.isEmpty ? undefined : bindings.fields,
        fields,
        roles: shape.roles,
        mayHaveGetters: true,
        timeMillis: time.millis,
        timeUnixNano: time.unixNano,
        isTimeCut: true,
      }
      if (this.#records.emitPlain(plain, bindings.scope, verdict)) return
    }
    const record = recordOfLine(line, text, { bindings, time })
    this.#records.emit({ ...record, severityNumber, severityText }, bindings.scope, verdict)
  }

  /** `pino.end`, which pino reads before anything else of a line, is what closes it: with the trace's keys before it. */
  #watchEnd(root: object, key: symbol): string {
    const field = Object.getOwnPropertyDescriptor(root, key)
    const end = String(field?.value)
    if (typeof field?.value !== 'string' || !field.configurable) return end
    const endOf = guardedQuestion('pino', () => this.#takeEnd())
    Object.defineProperty(root, key, {
      configurable: true,
      enumerable: true,
      get: () => endOf(undefined) ?? end,
      set(this: object, value: unknown) {
        Object.defineProperty(this, key, { ...field, value })
      },
    })
    return end
  }

  /** @returns `undefined`: the end is as it was */
  #takeEnd(): Line | undefined {
    const line = this.#line
    if (line === undefined || line.isEndTaken || line.tail === '') return undefined
    line.isEndTaken = true
    return line
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
function isPlainLine({ logger, seat: { shape }, args: { 1: message } }: Line): boolean {
  if (typeof message !== 'string' || message.includes('\u001B')) return false
  return !shape.isNested && !shape.isFromLine(shape.messageKey) && !isFormatted(logger)
}
