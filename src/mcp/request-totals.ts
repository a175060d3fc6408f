/**
 * How many requests were there, and how many of them failed? For the first line of an answer.
 */
import type { LogsQuery, LogSource } from '../sources/log-source.ts'

/** More is not worth the wait for a first line. Milliseconds. */
const BUDGET_MILLIS = 1_000

/** @returns `1,204 requests, 21 failed`; undefined where the source cannot count */
export async function requestTotals(
  source: LogSource,
  { text, since, until }: Pick<LogsQuery, 'text' | 'since' | 'until'>,
): Promise<string | undefined> {
  if (!source.capabilities.has('histogram')) return undefined
  const { series, complete } = await source.histogram({
    of: 'requests',
    by: 'outcome',
    buckets: 4,
    budgetMillis: BUDGET_MILLIS,
    ...(text === undefined || text === '' ? {} : { text }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  })
  const sums = new Map(Object.entries(series).map(([outcome, counts]) => [outcome, counts.reduce((a, b) => a + b, 0)]))
  const all = [...sums.values()].reduce((a, b) => a + b, 0)
  const failed = sums.get('error') ?? 0
  return totalsText(all, failed, complete ? '' : ' or more')
}

/** `1 request, 0 failed`. @param more  behind the number */
export function totalsText(all: number, failed: number, more = ''): string {
  const noun = all === 1 && more === '' ? 'request' : 'requests'
  return `${all.toLocaleString('en')}${more} ${noun}, ${failed.toLocaleString('en')} failed`
}
