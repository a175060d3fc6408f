/**
 * What the commands that count have in common: their flags, and what is said beside the counts.
 */
import type { Covered } from '../model/api.ts'
import { visibleLine } from '../model/visible-text.ts'
import type { CountQuery, PatternsQuery } from '../sources/log-source.ts'
import { JSON_FLAG, SOURCE_FLAGS, TIME_FLAGS, type Flags, type FlagSpec, type Invocation } from './command.ts'
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

/** Of the commands that list groups of records: patterns, errors. @param what  they list */
export function groupFlags(what: string, byDefault: number): Readonly<Record<string, FlagSpec>> {
  return {
    ...TIME_FLAGS,
    'new-since': { type: 'string', value: 'WHEN', help: 'mark those of which no record is older' },
    limit: { type: 'string', value: 'N', short: 'n', help: `${what} at most (default: ${byDefault})` },
    ...JSON_FLAG,
    ...SOURCE_FLAGS,
  }
}

/** Groups of one answer at most: the API's own bound. */
const MAX_GROUPS = 500

export function groupsQueryOf(
  { flags, operands }: Pick<Invocation, 'flags' | 'operands'>,
  byDefault: number,
): PatternsQuery {
  const newSince = flags.text('new-since')
  const { of: _, ...query } = countQueryOf(flags, operands.join(' '))
  const limit = flags.integer('limit', { min: 1, max: MAX_GROUPS }) ?? byDefault
  return { ...query, limit, ...(newSince === undefined ? {} : { newSince }) }
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
