/**
 * How severe is a level name? SeverityNumber <-> level name <-> the numbers of winston, syslog, pino and bunyan.
 *
 * Pure. Every name gets a number: a custom level takes that of the nearest known one in its logger's own order.
 */

/** The six ranges of OTLP's SeverityNumber, as written in a flat line's `level`. */
export type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL'

/** What a record of unknown severity counts as. Source: spec, recorder. */
export const SEVERITY_INFO = 9
export const SEVERITY_WARN = 13
export const SEVERITY_ERROR = 17
export const SEVERITY_FATAL = 21

/** One above the highest severity: as an export level it lets nothing through (`off`). */
export const SEVERITY_OFF = 25

/** The level names of TRACELOG_LEVEL, least severe first; `off` is understood besides. */
export const LEVEL_NAMES = [
  'trace',
  'silly',
  'debug',
  'verbose',
  'http',
  'info',
  'notice',
  'warn',
  'warning',
  'error',
  'crit',
  'critical',
  'fatal',
  'alert',
  'emerg',
] as const

/** Source: spec, recorder; the last six are other spellings of the same words (syslog, java.util.logging, OTel's text). */
const SEVERITY_BY_NAME: ReadonlyMap<string, number> = new Map([
  ['silly', 1],
  ['trace', 1],
  ['debug', 5],
  ['verbose', 6],
  ['http', 7],
  ['info', 9],
  ['notice', 10],
  ['warn', 13],
  ['warning', 13],
  ['error', 17],
  ['crit', 21],
  ['critical', 21],
  ['fatal', 21],
  ['alert', 22],
  ['emerg', 23],
  ['emergency', 23],
  ['panic', 23],
  ['err', 17],
  ['information', 9],
  ['informational', 9],
  ['log', 9],
])

const LEVELS: readonly Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

/** OTel's own short names of single numbers: TRACE2 ... FATAL4. */
const NUMBERED_LEVEL = /^(trace|debug|info|warn|error|fatal)([2-4])$/

/**
 * The SeverityNumber of a well-known level name, in any case, with blanks around it or not.
 *
 * @returns 1 to 24, or `undefined` for a name that only its own logger can place (see `createSeverityTable`)
 */
export function severityOfLevelName(name: string): number | undefined {
  const known = SEVERITY_BY_NAME.get(name)
  if (known !== undefined) return known
  if (name.length > 24) return undefined

  const lower = name.trim().toLowerCase()
  const numbered = NUMBERED_LEVEL.exec(lower)
  if (numbered === null) return SEVERITY_BY_NAME.get(lower)
  return (SEVERITY_BY_NAME.get(numbered[1] ?? '') ?? SEVERITY_INFO) + Number(numbered[2]) - 1
}

/**
 * The SeverityNumber of a record: its own, else what its text says. The one rule for level.
 *
 * @returns 0 when neither says anything
 */
export function severityOf(severityNumber: number, severityText: string): number {
  if (severityNumber >= 1 && severityNumber <= 24) return severityNumber
  return severityText === '' ? 0 : (severityOfLevelName(severityText) ?? 0)
}

/** The name of a SeverityNumber's range. Anything outside 1 to 24 counts as INFO. */
export function levelOfSeverity(severityNumber: number): Level {
  if (!(severityNumber >= 1 && severityNumber <= 24)) return 'INFO'
  return LEVELS[(severityNumber - 1) >> 2] ?? 'INFO'
}

/**
 * Reads one level of TRACELOG_LEVEL: a name of `LEVEL_NAMES` (in any case), `off`, or a number from 1 to 24.
 *
 * @returns the lowest SeverityNumber to let through, `SEVERITY_OFF` for `off`, `undefined` when unreadable
 */
export function parseLevel(text: string): number | undefined {
  const word = text.trim().toLowerCase()
  if (word === 'off') return SEVERITY_OFF
  if ((LEVEL_NAMES as readonly string[]).includes(word)) return severityOfLevelName(word)
  if (!/^\d{1,2}$/.test(word)) return undefined
  const number = Number(word)
  return number >= 1 && number <= 24 ? number : undefined
}

/** How a level is written in settings: the reverse of `parseLevel`. A number where there is no name. */
export function nameOfLevel(severityNumber: number): string {
  if (severityNumber >= SEVERITY_OFF) return 'off'
  if (severityNumber === SEVERITY_FATAL) return 'fatal'
  return LEVEL_NAMES.find((name) => severityOfLevelName(name) === severityNumber) ?? String(severityNumber)
}

/**
 * Places every level of a logger, custom ones included: those take the number of the nearest known name in the
 * logger's own numeric order, on a tie the more severe one, and INFO when the logger has no known name at all.
 *
 * @param levels  the logger's own table: `{ error: 0, audit: 1, info: 2 }` (winston), `{ audit: 35 }` (pino)
 */
export function createSeverityTable(levels: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const known: { readonly position: number; readonly severity: number }[] = []
  for (const [name, position] of Object.entries(levels)) {
    const severity = severityOfLevelName(name)
    if (severity !== undefined && Number.isFinite(position)) known.push({ position, severity })
  }

  const table = new Map<string, number>()
  for (const [name, position] of Object.entries(levels)) {
    table.set(name, severityOfLevelName(name) ?? nearest(known, position))
  }
  return table
}

function nearest(known: readonly { readonly position: number; readonly severity: number }[], position: number): number {
  let best = SEVERITY_INFO
  let bestDistance = Infinity
  for (const { position: other, severity } of known) {
    const distance = Math.abs(other - position)
    if (distance < bestDistance || (distance === bestDistance && severity > best)) {
      best = severity
      bestDistance = distance
    }
  }
  return best
}

/** pino's and bunyan's numbers: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
const PINO_LEVELS: readonly { readonly position: number; readonly severity: number }[] = [
  { position: 10, severity: 1 },
  { position: 20, severity: 5 },
  { position: 30, severity: 9 },
  { position: 40, severity: 13 },
  { position: 50, severity: 17 },
  { position: 60, severity: 21 },
]

/** The SeverityNumber of a numeric pino or bunyan level; a number between two levels takes the nearest, on a tie the more severe. */
export function severityOfPinoLevel(level: number): number {
  return nearest(PINO_LEVELS, level)
}

/** Index = syslog severity (RFC 5424): emerg, alert, crit, err, warning, notice, info, debug. */
const SYSLOG_SEVERITIES: readonly number[] = [23, 22, 21, 17, 13, 10, 9, 5]

/** The SeverityNumber of a syslog severity, 0 (emergency) to 7 (debug); INFO for any other number. */
export function severityOfSyslog(severity: number): number {
  return SYSLOG_SEVERITIES[severity] ?? SEVERITY_INFO
}
