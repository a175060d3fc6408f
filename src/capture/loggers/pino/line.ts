/**
 * One line of pino while it is being made: between the moment at which pino begins to write it and the one at which it is whole.
 */
import type { Kept } from '../../../record/levels.ts'
import type { LoggerShape } from './logger-shape.ts'
import type { PinoLogger } from './pino-types.ts'

/** What pino writes: the fields with what `mixin` gave, the message, the level's number, the time as a piece of JSON. */
export type LineArguments = readonly [fields: object, message: unknown, num: number, time: string]

export interface Line {
  readonly logger: PinoLogger
  readonly shape: LoggerShape
  readonly args: LineArguments
  /** The trace's keys: `,"trace_id":"…"`. Empty where there is no span. */
  readonly tail: string
  /** The answer for a line of a level that is off, which is not printed. */
  readonly held: Kept | undefined
  /** The end of the line has been asked for: what follows is the application's code, which may log. */
  isEndTaken: boolean
  /** The application has put the trace there itself. */
  hasTrace: boolean
  /** A serializer may log: the line that it interrupts. */
  readonly outer: Line | undefined
}
