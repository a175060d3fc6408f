/**
 * Do the requests that a query finds keep what is expected of them? Asked again until it is known, or the time is over.
 *
 * One that breaks a rule decides at once, and so do more than the most; enough of them decide when each has ended. Only with a most
 * is all of the time waited for: one more may come.
 */
import type { RequestRow, TraceTree } from '../../model/api.ts'
import { compileMatcher, type Matcher } from '../../query-text/match.ts'
import type { LogSource } from '../log-source.ts'
import { pause } from '../pause.ts'
import { requestFacts } from './request-facts.ts'

/** Between two looks. Milliseconds. */
const EACH_MILLIS = 250
/** Requests that are looked at, the oldest first. */
const MAX_REQUESTS = 5_000
const PAGE = 500

interface Rule {
  /** As it was written. */
  readonly text: string
  readonly holds: Matcher
}

export interface Expectation {
  readonly text: string
  readonly since: string | undefined
  /** What must hold for each request, as in a query. */
  readonly where: readonly string[]
  readonly min: number
  readonly max: number | undefined
}

/** `broken`: by that request. `few`, `many`: so many came. `runs`: one has not ended. */
export type Verdict =
  | { readonly kind: 'kept'; readonly requests: number }
  | {
      readonly kind: 'broken'
      readonly rule: string
      readonly request: RequestRow
      readonly tree: TraceTree | undefined
    }
  | { readonly kind: 'few'; readonly requests: number }
  | { readonly kind: 'many'; readonly requests: number; readonly request: RequestRow }
  | { readonly kind: 'runs'; readonly requests: number; readonly request: RequestRow }

interface Expected extends Expectation {
  readonly rules: readonly Rule[]
}

/** How to judge. @throws QuerySyntaxError, before anybody is asked */
export function judgeOf(expectation: Expectation): (source: LogSource, ended: () => boolean) => Promise<Verdict> {
  compileMatcher(expectation.text)
  const rules = expectation.where.map((text) => ({ text, holds: compileMatcher(text) }))
  return (source, ended) => judgeRequests(source, { ...expectation, rules }, ended)
}

/** @param ended  tells whether the time is over */
async function judgeRequests(source: LogSource, expected: Expected, ended: () => boolean): Promise<Verdict> {
  const judged = new Set<string>()
  for (;;) {
    const isLast = ended()
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    const verdict = await look(source, expected, judged)
    const isDecided = verdict.kind === 'broken' || verdict.kind === 'many'
    const isEnough = verdict.kind === 'kept' && expected.max === undefined
    if (isDecided || isEnough || isLast) return verdict
    // oxlint-disable-next-line no-await-in-loop -- as above
    await pause(EACH_MILLIS)
  }
}

/** @param judged  requests that have ended and kept the rules */
async function look(source: LogSource, expected: Expected, judged: Set<string>): Promise<Verdict> {
  const requests = await requestsOf(source, expected)
  for (const request of requests) {
    const id = `${request.trace_id} ${request.span_id}`
    if (request.outcome === 'running' || judged.has(id)) continue
    // oxlint-disable-next-line no-await-in-loop -- the first one that breaks a rule ends it
    const tree = expected.rules.length === 0 ? undefined : await source.trace(request.trace_id)
    const facts = requestFacts(request, tree)
    const broken = expected.rules.find(({ holds }) => !holds(facts))
    if (broken !== undefined) return { kind: 'broken', rule: broken.text, request, tree }
    judged.add(id)
  }
  const { min, max } = expected
  if (max !== undefined && requests.length > max) {
    return { kind: 'many', requests: requests.length, request: requests.at(-1) as RequestRow }
  }
  if (requests.length < min) return { kind: 'few', requests: requests.length }
  const running = requests.find(({ outcome }) => outcome === 'running')
  if (running !== undefined) return { kind: 'runs', requests: requests.length, request: running }
  return { kind: 'kept', requests: requests.length }
}

async function requestsOf(source: LogSource, { text, since }: Expected): Promise<readonly RequestRow[]> {
  const found: RequestRow[] = []
  let cursor: string | null | undefined
  while (cursor !== null && found.length < MAX_REQUESTS) {
    // oxlint-disable-next-line no-await-in-loop -- each page says where the next one begins
    const page = await source.requests({
      text,
      order: 'asc',
      limit: PAGE,
      ...(since === undefined ? {} : { since }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    found.push(...page.requests)
    cursor = page.next_cursor
  }
  return found
}
