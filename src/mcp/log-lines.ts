/**
 * Records -> lines `time service L message k=v`, with what all of them share said once.
 */
import type { LogRow } from '../model/api.ts'
import { ownKey } from '../model/log-row.ts'
import { createLogLines } from '../tree/text/log-line.ts'
import { fieldsText, levelLetter } from '../tree/text/fields-text.ts'
import type { RankedRow } from '../tree/text/fit-rows.ts'
import { PLAIN_PAINT } from '../tree/text/paint.ts'

export interface LogText {
  /** `all of them: service=web trace_id=4bf92f35`; `''` for one record, and where they share nothing. */
  readonly shared: string
  readonly rows: readonly RankedRow[]
}

/** In columns of their own, not shown, or needed to tell what a record is. */
const NEVER_SHARED: ReadonlySet<string> = new Set(
  '_id time_ns observed_ns timestamp service level message event method path route status error_type error_message error_stack'.split(
    ' ',
  ),
)
const RANKS: Readonly<Record<string, number>> = { F: 0, E: 0, W: 1, I: 2, D: 3, T: 3 }

/** @param hasAnchor  one of them is marked as the one that was asked for. Default false */
export function logText(logs: readonly LogRow[], hasAnchor = false): LogText {
  const shared = logs.length > 1 ? sharedFields(logs) : {}
  const lines = createLogLines({ paint: PLAIN_PAINT, columns: undefined, isDense: true })
  const rows = logs.map((row) => {
    const letter = levelLetter(row.level)
    const own = Object.fromEntries(Object.entries(row).filter(([key]) => !Object.hasOwn(shared, key))) as Record<
      string,
      unknown
    >
    const anchor = ownKey('anchor', row)
    const mark = hasAnchor && row[anchor] === true ? '> ' : ''
    if (mark !== '') delete own[anchor]
    return {
      rank: mark === '' ? (RANKS[letter] ?? 2) : -1,
      text: mark + lines.line(own as unknown as LogRow),
      noun: nounOf(letter),
    }
  })
  const trace = typeof shared['trace_id'] === 'string' ? `trace=${shared['trace_id'].slice(0, 8)}` : ''
  const words = [trace, fieldsText(shared)].filter((part) => part !== '').join(' ')
  return { shared: words === '' ? '' : `all of them: ${words}`, rows }
}

/** Texts and numbers that every record has under the same key. */
function sharedFields(logs: readonly LogRow[]): Record<string, unknown> {
  const [first, ...others] = logs
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(
      ([key, value]) =>
        !NEVER_SHARED.has(key) &&
        (typeof value === 'string' || typeof value === 'number') &&
        others.every((row) => row[key] === value),
    ),
  )
}

function nounOf(letter: string): string {
  return { F: 'fatal line', E: 'error line', W: 'warn line', I: 'info line', D: 'debug line' }[letter] ?? 'trace line'
}
