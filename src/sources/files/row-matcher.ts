/**
 * What is looked for in files: a query, and what flags add to it, as one predicate over the rows of files.
 */
import { compileMatcher, type Matcher } from '../../query-text/match.ts'

export interface RowSelection {
  /** Query text; `''`: everything. */
  readonly query: string
  /** A trace id or the beginning of one; in files of other programs any text. */
  readonly trace?: string | undefined
  /** From this level up. */
  readonly level?: string | undefined
  readonly service?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface RowMatcher {
  readonly matches: Matcher
  /** A line without any of these cannot match; empty: any may. */
  readonly needles: readonly string[]
}

/** @throws QuerySyntaxError, with the text that is wrong as `query` */
export function createRowMatcher(selection: RowSelection): RowMatcher {
  const { query, trace, level, service, since, until } = selection
  const needles = trace === undefined ? [] : idsOf(trace)
  const matchers = [
    compile(query),
    ...(trace === undefined ? [] : [traceMatcher(needles)]),
    ...[term('level>=', level), term('service=', service), term('since:', since), term('until:', until)].flat(),
  ]
  return { matches: (row) => matchers.every((matches) => matches(row)), needles }
}

function term(key: string, value: string | undefined): Matcher[] {
  return value === undefined ? [] : [compile(`${key}"${value.replaceAll('"', '')}"`)]
}

/** The error points into the text, as the backend's does. */
function compile(text: string): Matcher {
  try {
    return compileMatcher(text)
  } catch (error) {
    throw Object.assign(error as Error, { query: text })
  }
}

/** As it was typed, and as W3C writes it. */
function idsOf(trace: string): string[] {
  return [...new Set([trace, trace.replaceAll('-', '').toLowerCase()])]
}

function traceMatcher(beginnings: readonly string[]): Matcher {
  return ({ trace_id: id }) => typeof id === 'string' && beginnings.some((beginning) => id.startsWith(beginning))
}
