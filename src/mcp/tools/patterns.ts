/** The tool `patterns`: which kinds of messages there are, how often each, since when, with one example. */
import type { PatternRow } from '../../model/api.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { levelLetter } from '../../tree/text/fields-text.ts'
import type { RankedRow } from '../../tree/text/fit-rows.ts'
import { TIME_ARGUMENTS } from '../arguments.ts'
import { shortText } from '../foreign-rows.ts'
import { nothingFound } from '../nothing-found.ts'
import type { Tool } from '../tool.ts'
import { dayAndClock, windowOf } from '../window.ts'

const DEFAULT_LIMIT = 30
const MAX_LIMIT = 200
/** All there is within the call's own limit. Milliseconds. */
const BUDGET_MILLIS = 8_000

export const patternsTool: Tool = {
  name: 'patterns',
  description: 'Kinds of messages: count, pattern, service, level, example, first and last.',
  arguments: {
    ...TIME_ARGUMENTS,
    new_since: { type: 'string', help: 'a time or run:last: the new ones first' },
    limit: { type: 'integer', min: 1, max: MAX_LIMIT, help: `default ${DEFAULT_LIMIT}` },
  },
  needs: ['patterns'],
  async answer({ source, given, now, pageOf }) {
    const window = windowOf(given, now())
    const q = given.text('q') ?? ''
    const until = window.until === undefined ? {} : { until: window.until }
    const newSince = given.text('new_since')
    const found = await source.patterns({
      text: q,
      since: window.since,
      ...until,
      limit: given.integer('limit') ?? DEFAULT_LIMIT,
      budgetMillis: BUDGET_MILLIS,
      ...(newSince === undefined ? {} : { newSince }),
    })
    const page = pageOf('/logs', { q, since: window.since, until: window.until })
    if (found.patterns.length === 0) {
      const { text, notes } = await nothingFound({ source, of: 'logs', q, window, now: now() })
      return { head: `${window.text}: ${text}`, notes, rows: [], objects: [], tail: () => '', page }
    }
    const patterns = newFirst(found.patterns.map(foreignPattern))
    const added = patterns.filter((row) => row.new === true).length
    const part = found.complete ? '' : `; counted from ${found.covered_from} on only`
    return {
      head: `${window.text}: ${patterns.length} kinds of messages${newSince === undefined ? '' : `, ${added} of them new`}${part}`,
      notes: found.hints ?? [],
      rows: patterns.map((row, index) => rankedPattern(row, index, now())),
      objects: patterns,
      tail: ({ shown }) =>
        `shown ${shown} of ${patterns.length}; records of one: logs(q:"pattern:…"); more with limit or budget`,
      page,
    }
  },
}

function newFirst(rows: readonly PatternRow[]): PatternRow[] {
  return [...rows.filter((row) => row.new === true), ...rows.filter((row) => row.new !== true)]
}

function foreignPattern(row: PatternRow): PatternRow {
  return { ...row, example: shortText(row.example), service: shortText(row.service), level: shortText(row.level) }
}

function rankedPattern(row: PatternRow, index: number, now: number): RankedRow {
  const { pattern, count, service, level, example, first_at: first, last_at: last } = row
  const times = [first, last].map((time) => dayAndClock(Date.parse(time), now)).join(' to ')
  const mark = row.new === true ? 'new  ' : ''
  const text = `${mark}${count.toLocaleString('en')}  ${pattern}  ${service} ${levelLetter(level)} ${example}  (${times})`
  return { rank: index, text: visibleLine(text), noun: 'kind of message' }
}
