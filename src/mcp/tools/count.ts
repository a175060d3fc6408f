/** The tool `count`: how many, by a field or over time. */
import type { Facets, Histogram } from '../../model/api.ts'
import type { CountQuery } from '../../sources/log-source.ts'
import type { Answer } from '../answer.ts'
import { TIME_ARGUMENTS } from '../arguments.ts'
import { isSecretKey, shortText } from '../foreign-rows.ts'
import { REDACTED } from '../../model/secrets/secret-values.ts'
import { QuestionError } from '../question-error.ts'
import type { Tool, ToolContext } from '../tool.ts'
import { dayAndClock, windowOf, type Window } from '../window.ts'

const DEFAULT_TOP = 10
const MAX_TOP = 100
/** Steps over time. */
const STEPS = 24
/** All there is within the call's own limit. Milliseconds. */
const BUDGET_MILLIS = 8_000

export const countTool: Tool = {
  name: 'count',
  description: 'Counts of records or requests, by a field (top values) or over time.',
  arguments: {
    ...TIME_ARGUMENTS,
    by: { type: 'string', help: 'a key; or time' },
    of: { type: 'string', choices: ['logs', 'requests'], help: 'default logs' },
    per: { type: 'string', choices: ['level', 'service', 'outcome'], help: 'with by:time: a column for each' },
    top: { type: 'integer', min: 1, max: MAX_TOP, help: 'default 10' },
  },
  needs: ['facets', 'histogram'],
  async answer(context) {
    const { given, now } = context
    const window = windowOf(given, now())
    const by = given.text('by') ?? 'time'
    const asked = questionOf(context, window)
    return by === 'time' ? await overTime(context, asked, window) : await byField(context, { asked, window, by })
  },
}

function questionOf({ given }: ToolContext, { since, until }: Window): CountQuery {
  const q = given.text('q')
  return {
    of: given.text('of') === 'requests' ? 'requests' : 'logs',
    since,
    budgetMillis: BUDGET_MILLIS,
    ...(q === undefined ? {} : { text: q }),
    ...(until === undefined ? {} : { until }),
  }
}

interface FieldQuestion {
  readonly asked: CountQuery
  readonly window: Window
  readonly by: string
}

async function byField(context: ToolContext, { asked, window, by }: FieldQuestion): Promise<Answer> {
  const { source, given, pageOf } = context
  if (given.text('per') !== undefined) throw new QuestionError('per is for by:"time" only')
  if (!/^[^\s,]{1,200}$/.test(by))
    throw new QuestionError('by must be one key without blanks, or time; fields() lists keys')
  const found = await source.facets({ ...asked, fields: [by], limit: given.integer('top') ?? DEFAULT_TOP })
  const isSecret = isSecretKey(by)
  const values = (found.facets[by] ?? []).map(({ value, count }) => ({
    value: isSecret ? REDACTED : shortText(value),
    count,
  }))
  const [other, missing] = [found.other[by] ?? 0, found.missing[by] ?? 0]
  const total = values.reduce((sum, { count }) => sum + count, 0) + other + missing
  return {
    head: `${window.text}: ${counted(total)} ${asked.of ?? 'logs'}, by one key${partOf(found)}`,
    notes: [`by ${shortText(by)}:`, ...(found.hints ?? [])],
    rows: values.map(({ value, count }, index) => ({
      rank: index,
      text: `${counted(count)}  ${JSON.stringify(value)}`,
      noun: 'value',
    })),
    objects: values,
    tail: ({ shown }) => `shown ${shown} values; ${counted(other)} with others, ${counted(missing)} without the key`,
    page: pageOf(asked.of === 'requests' ? '/' : '/logs', { q: asked.text, since: window.since, until: window.until }),
  }
}

async function overTime(
  { source, given, pageOf, now }: ToolContext,
  asked: CountQuery,
  window: Window,
): Promise<Answer> {
  const per = given.text('per') ?? (asked.of === 'requests' ? 'outcome' : 'level')
  if (per === 'outcome' && asked.of !== 'requests') throw new QuestionError('per:"outcome" is for of:"requests" only')
  const found = await source.histogram({ ...asked, by: per as 'level', buckets: STEPS })
  const names = Object.keys(found.series)
  const rows = stepsOf(found).map(({ at, counts }) => {
    const parts = counts.flatMap((count, i) => (count === 0 ? [] : [`${shortText(names[i] ?? '')} ${counted(count)}`]))
    return { rank: 0, text: `${dayAndClock(at, now())}  ${parts.join('  ') || '0'}`, noun: 'step' }
  })
  const total = Object.values(found.series)
    .flat()
    .reduce((sum, count) => sum + count, 0)
  return {
    head: `${window.text}: ${counted(total)} ${asked.of ?? 'logs'}, in steps of ${stepText(found.step_ms)}${partOf(found)}`,
    notes: found.hints ?? [],
    rows,
    objects: [found],
    tail: ({ shown }) => `shown ${shown} of ${rows.length} steps`,
    page: pageOf(asked.of === 'requests' ? '/' : '/logs', { q: asked.text, since: window.since, until: window.until }),
  }
}

/** Not all of the range could be counted in time. */
function partOf({ complete, covered_from: from }: Pick<Facets, 'complete' | 'covered_from'>): string {
  return complete ? '' : `; counted from ${from} on only: ask again with until of that time`
}

function stepsOf({
  from,
  step_ms: step,
  series,
}: Histogram): { readonly at: number; readonly counts: readonly number[] }[] {
  const columns = Object.values(series)
  const length = Math.max(0, ...columns.map((column) => column.length))
  return Array.from({ length }, (_, i) => ({
    at: Date.parse(from) + i * step,
    counts: columns.map((column) => column[i] ?? 0),
  }))
}

function stepText(millis: number): string {
  if (millis < 1_000) return `${millis} ms`
  if (millis < 60_000) return `${millis / 1_000} s`
  return millis < 3_600_000 ? `${millis / 60_000} min` : `${millis / 3_600_000} h`
}

function counted(count: number): string {
  return count.toLocaleString('en')
}
