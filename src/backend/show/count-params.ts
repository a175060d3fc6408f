/**
 * Query parameters of the questions for counts.
 */
import { STEPS } from '../../model/time-step.ts'
import { type CountRequest, DEFAULT_BUDGET_MILLIS, MAX_BUDGET_MILLIS } from '../query/count-request.ts'
import { type FacetsRequest, MAX_FACET_VALUES } from '../query/facets.ts'
import type { FieldsRequest } from '../query/fields.ts'
import { DEFAULT_BUCKETS, type HistogramRequest, MAX_BUCKETS } from '../query/histogram.ts'
import { DEFAULT_PATTERNS, MAX_PATTERNS, type PatternsRequest } from '../query/pattern-groups.ts'
import { choiceOf, countOf, fieldsOf, textOf, timeOf, wrong } from './read-params.ts'

/** `q`, `since`, `until`, `of`, `budget_ms`. @throws Unanswered 400 */
export function countRequest(params: URLSearchParams): CountRequest {
  const q = textOf(params, 'q')
  const since = timeOf(params, 'since')
  const until = timeOf(params, 'until')
  return {
    of: choiceOf(params, 'of', ['logs', 'requests'] as const) ?? 'logs',
    budgetMillis: countOf(params, 'budget_ms', MAX_BUDGET_MILLIS) ?? DEFAULT_BUDGET_MILLIS,
    ...(q === undefined ? {} : { q }),
    ...(since === undefined ? {} : { sinceUnixNano: since }),
    ...(until === undefined ? {} : { untilUnixNano: until }),
  }
}

/** And `buckets`, `step_ms`, `by`. @throws Unanswered 400 */
export function histogramRequest(params: URLSearchParams): HistogramRequest {
  const by = choiceOf(params, 'by', ['level', 'service', 'outcome'] as const)
  const stepMillis = stepOf(params)
  return {
    ...countRequest(params),
    buckets: countOf(params, 'buckets', MAX_BUCKETS, 1) ?? DEFAULT_BUCKETS,
    ...(by === undefined ? {} : { by }),
    ...(stepMillis === undefined ? {} : { stepMillis }),
  }
}

function stepOf(params: URLSearchParams): number | undefined {
  const text = textOf(params, 'step_ms')
  if (text === undefined) return undefined
  const step = STEPS.find((candidate) => String(candidate) === text)
  if (step === undefined) throw wrong('step_ms', text, 'the step_ms of another answer')
  return step
}

/** And `fields`, `limit`. @throws Unanswered 400 */
export function facetsRequest(params: URLSearchParams): FacetsRequest {
  const limit = countOf(params, 'limit', MAX_FACET_VALUES, 1)
  return { ...countRequest(params), fields: fieldsOf(params) ?? [], ...(limit === undefined ? {} : { limit }) }
}

/** `q`, `prefix`. */
export function fieldsRequest(params: URLSearchParams): FieldsRequest {
  return { q: textOf(params, 'q') ?? '', prefix: textOf(params, 'prefix') ?? '' }
}

/** `q`, `since`, `until`, `budget_ms`, `limit`, `new_since`. @throws Unanswered 400 */
export function patternsRequest(params: URLSearchParams): PatternsRequest {
  const newSince = timeOf(params, 'new_since')
  return {
    ...countRequest(params),
    limit: countOf(params, 'limit', MAX_PATTERNS, 1) ?? DEFAULT_PATTERNS,
    ...(newSince === undefined ? {} : { newSinceUnixNano: newSince }),
  }
}
