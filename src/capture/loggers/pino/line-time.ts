/**
 * Which time does a line of pino state? What `timestamp` has written into it: epoch or ISO, under whatever key.
 */
import type { AnyValue } from '../../../model/any-value.ts'
import { NANO_PER_SECOND, timeOfValue } from '../../../model/time.ts'

/** What pino writes by default: `,"time":1732979000123`. */
const DEFAULT_START = ',"time":'
const MIN_MILLIS = 1e11
const MAX_MILLIS = 1e14

export interface LineTime {
  /** Milliseconds since the epoch, of a time in whole ones: the default. `unixNano` is undefined then. */
  readonly millis: number | undefined
  /** Nanoseconds since the epoch; `undefined`: no time, or one that says less than the moment of the call. */
  readonly unixNano: bigint | undefined
  /** What stands where the time should, and is none. */
  readonly other: readonly [key: string, value: AnyValue] | undefined
}

/**
 * @param text  the third piece of the line: `,"time":1732979000123`, empty without a timestamp
 * @param now  nanoseconds since the epoch; asked only where the line names whole seconds
 */
export function timeOfLine(text: string, now: () => bigint): LineTime {
  if (text === lastText) return lastTime
  const time = readTime(text, now)
  if (time.millis !== undefined) {
    lastText = text
    lastTime = time
  }
  return time
}

/** Lines of one millisecond state the same time. */
let lastText = ''
let lastTime: LineTime = { millis: undefined, unixNano: undefined, other: undefined }

function readTime(text: string, now: () => bigint): LineTime {
  if (text.startsWith(DEFAULT_START)) {
    const millis = Number(text.slice(DEFAULT_START.length))
    if (Number.isInteger(millis) && millis > MIN_MILLIS && millis < MAX_MILLIS) {
      return { millis, unixNano: undefined, other: undefined }
    }
  }
  const found = valueIn(text)
  const unixNano = timeOfValue(found?.[1])
  if (found === undefined || unixNano === undefined) return { millis: undefined, unixNano, other: found }
  // Whole seconds are written in this very call, and rounded: the call's own time is the same, and more exact.
  const since = isWholeSeconds(found[1]) ? now() - unixNano : NANO_PER_SECOND
  const isNow = since < NANO_PER_SECOND && -since < NANO_PER_SECOND
  return { millis: undefined, unixNano: isNow ? undefined : unixNano, other: undefined }
}

function isWholeSeconds(value: AnyValue | undefined): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value < MIN_MILLIS
}

function valueIn(text: string): readonly [key: string, value: AnyValue] | undefined {
  if (text === '') return undefined
  try {
    return Object.entries(JSON.parse(`{${text.slice(1)}}`) as Record<string, AnyValue>)[0]
  } catch {
    return undefined
  }
}
