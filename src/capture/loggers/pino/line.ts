/**
 * One line of pino while it is being made: between the moment at which pino begins to write it and the one at which it is whole.
 */
import type { Kept } from '../../../record/levels.ts'
import type { LoggerSeat } from './logger-seats.ts'
import type { PinoLogger } from './pino-types.ts'

/**
 * What pino writes: the fields with what `mixin` gave, the message, the level's number, the time as a piece of JSON.
 * Read by index: a channel gives `arguments`, and taking those apart as a list makes a line 1.4 us dearer (Node 24).
 */
export type LineArguments = readonly [fields: object, message: unknown, num: number, time: string]

/** What is known when it begins. */
export interface LineStart {
  readonly logger: PinoLogger
  readonly seat: LoggerSeat
  readonly args: LineArguments
  /** The trace's keys: `,"trace_id":"…"`. Empty where there is no span. */
  readonly tail: string
  /** The answer for a line of a level that is off, which is not printed. */
  readonly held: Kept | undefined
  /** The application has put the trace there itself. */
  readonly hasTrace: boolean
}

/** A class: as the end of a line pino makes a text of it, and a method of a prototype costs a tenth of one that each line would make. */
export class Line {
  readonly logger: PinoLogger
  readonly seat: LoggerSeat
  readonly args: LineArguments
  readonly tail: string
  readonly held: Kept | undefined
  hasTrace: boolean
  /** The end of the line has been asked for: what follows is the application's code, which may log. */
  isEndTaken = false
  /** A serializer may log: the line that it interrupts. */
  readonly outer: Line | undefined

  constructor({ logger, seat, args, tail, held, hasTrace }: LineStart, outer: Line | undefined) {
    this.logger = logger
    this.seat = seat
    this.args = args
    this.tail = tail
    this.held = held
    this.hasTrace = hasTrace
    this.outer = outer
  }

  /** What closes it: asked for when all fields are written, and known only then. */
  [Symbol.toPrimitive](): string {
    return this.hasTrace ? this.seat.end : this.tail + this.seat.end
  }
}
