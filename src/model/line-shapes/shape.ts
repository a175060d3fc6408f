/**
 * What a line of another program says, under the flat line's keys: the one form that all shapes come to.
 *
 * A shape is a function from a line to these fields, `undefined` when the line is none of its kind. All take time in proportion to
 * the line's length: their expressions begin at one place and repeat within bounds.
 */
import type { AnyValue } from '../any-value.ts'
import { levelOfSeverity, severityOfLevelName, severityOfPinoLevel } from '../severity.ts'

/** Keys of the flat line's table where they are known, else the line's own. Values may be nested, as in JSON. */
export type ShapedFields = Record<string, AnyValue>

/** A line that only carries another one: a container's, syslog's, a process manager's. */
export interface Wrapped {
  /** What the program wrote. */
  readonly inner: string
  /** What the carrier knows of it: its time, its service. The program's own word wins. */
  readonly fields: ShapedFields
  /** The rest of the line follows, in the next one of the same stream. */
  readonly isPartial?: boolean
  readonly stream?: string
}

/** @param nowMillis  for times without a year */
export type Shape = (line: string, nowMillis: number) => ShapedFields | undefined
export type Wrapper = (line: string, nowMillis: number) => Wrapped | undefined

/** Names that loggers give their levels, beside those of severity.ts: zerolog's, zap's, java.util.logging's, single letters. */
const MORE_LEVELS: ReadonlyMap<string, number> = new Map([
  ['trc', 1],
  ['dbg', 5],
  ['inf', 9],
  ['wrn', 13],
  ['ftl', 21],
  ['dpanic', 21],
  ['severe', 17],
  ['fine', 5],
  ['finer', 3],
  ['finest', 1],
  ['config', 7],
  ['t', 1],
  ['d', 5],
  ['v', 5],
  ['i', 9],
  ['n', 10],
  ['w', 13],
  ['e', 17],
  ['f', 21],
  ['c', 21],
])
/** slog: a name and how far it is from it. */
const OFFSET = /^(debug|info|warn|error)([+-]\d{1,3})$/

/** The SeverityNumber of any program's level name; `undefined` for a word that is none. */
export function severityOfWord(word: string): number | undefined {
  const known = severityOfLevelName(word)
  if (known !== undefined || word.length > 16) return known
  const lower = word.trim().toLowerCase()
  const offset = OFFSET.exec(lower)
  if (offset === null) return MORE_LEVELS.get(lower)
  // slog's steps of four are OTLP's ranges.
  const severity = (severityOfLevelName(offset[1]!) ?? 9) + Number(offset[2])
  return Math.min(24, Math.max(1, severity))
}

/** `level` and, where the program's own word says more, `severity_text`. Empty when it is no level. */
export function levelFields(value: unknown): ShapedFields {
  if (typeof value === 'number') return value >= 10 ? { level: levelOfSeverity(severityOfPinoLevel(value)) } : {}
  if (typeof value !== 'string') return {}
  if (/^\d{2}$/.test(value)) return levelFields(Number(value))
  const severity = severityOfWord(value)
  return severity === undefined ? {} : levelOfNumber(severity, value)
}

/** @param word  as the program writes it */
export function levelOfNumber(severity: number, word: string = ''): ShapedFields {
  const level = levelOfSeverity(severity)
  const isSame = word === '' || word.toUpperCase() === level
  return isSame ? { level } : { level, severity_text: word }
}
