/**
 * What the commands that count have in common: their flags, and what is said beside the counts.
 */
import type { Covered } from '../model/api.ts'
import { visibleLine } from '../model/visible-text.ts'
import type { CountQuery } from '../sources/log-source.ts'
import { TIME_FLAGS, type Flags, type FlagSpec } from './command.ts'
import { writeLine, type Io } from './io.ts'

/** Nobody looks on while they are made: all the time that the API gives. Milliseconds. */
const BUDGET_MILLIS = 10_000

export const COUNT_FLAGS: Readonly<Record<string, FlagSpec>> = {
  ...TIME_FLAGS,
  of: { type: 'string', value: 'WHAT', help: 'logs (default) or requests: what is counted' },
}

export function countQueryOf(flags: Flags, text: string): CountQuery {
  const since = flags.text('since')
  const until = flags.text('until')
  return {
    text,
    of: flags.choice('of', ['logs', 'requests']) ?? 'logs',
    budgetMillis: BUDGET_MILLIS,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
}

/** On standard error: how far the counts reach, and keys that are probably misspelt. */
export function tellCovered(io: Io, command: string, covered: Covered): void {
  const { complete, covered_from: from } = covered
  tellHints(io, command, covered)
  if (!complete) writeLine(io.err, `tracelog ${command}: counted back to ${from}; before it: --until ${from}`)
}

export function tellHints(io: Io, command: string, { hints = [] }: Pick<Covered, 'hints'>): void {
  for (const hint of hints) writeLine(io.err, `tracelog ${command}: ${visibleLine(hint)}`)
}
