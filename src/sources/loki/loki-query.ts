/**
 * A query text made ready for Loki: what to ask for, of which time, and what of the answer is really meant.
 */
import { matcherOf, type Matcher } from '../../query-text/match.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import { timesOf } from '../../query-text/top-terms.ts'
import { foldExpression } from './fold-expression.ts'
import { toLogql } from './logql.ts'

export interface LokiQuery {
  /** Never narrower than the text. */
  readonly logql: string
  readonly matches: Matcher
  /** Bounds in the text that hold for all of it. Nanoseconds since the epoch; `until` is excluded. */
  readonly since: bigint | undefined
  readonly until: bigint | undefined
}

/** @throws QuerySyntaxError, with the text that is wrong as `query` */
export function compileLokiQuery(text: string = '', nowMillis: number = Date.now(), more?: string): LokiQuery {
  try {
    return compile(text, nowMillis, more)
  } catch (error) {
    throw Object.assign(error as Error, { query: text })
  }
}

function compile(text: string, nowMillis: number, more: string | undefined): LokiQuery {
  const expression = parseQueryText(text)
  if (expression === undefined) {
    return { logql: toLogql(undefined, more), matches: () => true, since: undefined, until: undefined }
  }
  return {
    matches: matcherOf(foldExpression(expression), nowMillis),
    logql: toLogql(expression, more),
    ...timesOf(expression, nowMillis),
  }
}
