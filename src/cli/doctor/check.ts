/**
 * The answer of one check of `tracelog doctor` and `tracelog stack check`, and how it is shown.
 */
import type { Paint, Tone } from '../../tree/text/paint.ts'
import { visibleLine } from '../../model/visible-text.ts'

/** `note`: worth knowing, nothing to do. `warn`: something may be missing. `fail`: records will not arrive. */
export type CheckStatus = 'ok' | 'note' | 'warn' | 'fail'

export interface Check {
  /** One word or two; stable, for scripts. */
  readonly name: string
  readonly status: CheckStatus
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
}

const MARKS: Readonly<Record<CheckStatus, { readonly mark: string; readonly tone: Tone }>> = {
  ok: { mark: 'ok  ', tone: 'green' },
  note: { mark: 'note', tone: 'dim' },
  warn: { mark: 'warn', tone: 'amber' },
  fail: { mark: 'FAIL', tone: 'red' },
}

/** One line, and one more for the hint. */
export function checkLines({ status, name, message, hint }: Check, paint: Paint): string[] {
  const { mark, tone } = MARKS[status]
  const line = `${paint.tone(tone, mark)}  ${name.padEnd(14)}  ${visibleLine(message)}`
  return hint === undefined ? [line] : [line, `${' '.repeat(22)}${visibleLine(hint)}`]
}
