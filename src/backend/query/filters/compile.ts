/**
 * A whole query text as one filter: which kind each term is, and how they are joined.
 */
import type { Expression, FieldTerm } from '../../../query-text/expression.ts'
import { matcherOf } from '../../../query-text/match.ts'
import { parseQueryText } from '../../../query-text/parse.ts'
import { attributeFilter, attributeNamed } from './attribute.ts'
import { textCondition } from './compare.ts'
import { durationFilter } from './duration.ts'
import type { Condition, Filter, FilterContext, TermFilter } from './filter.ts'
import { NEVER } from './filter.ts'
import { spanFilter, traceFilter } from './id.ts'
import { levelFilter } from './level.ts'
import { patternFilter } from './pattern.ts'
import { runFilter } from './run.ts'
import { resourceFilter, scopeFilter } from './service.ts'
import { timeFilter } from './time.ts'
import { tracesOf } from './traces-of.ts'
import { wordFilter } from './word.ts'

/** Matches everything. */
const ALL: Filter = { condition: () => ({ sql: 'true', parameters: [] }), matches: () => true, traces: undefined }

type Kind = FieldTerm['subject']['kind']

const KINDS: Readonly<Record<Kind, (term: FieldTerm, nowMillis: number) => TermFilter>> = {
  level: levelFilter,
  resource: resourceFilter,
  trace: traceFilter,
  span: spanFilter,
  scope: scopeFilter,
  since: timeFilter,
  until: timeFilter,
  duration: durationFilter,
  event: (term) => columnFilter(term, 'event', undefined),
  message: (term) => columnFilter(term, 'coalesce(body, event)', 'name'),
  severityText: (term) => columnFilter(term, 'sev_text', undefined),
  name: nameFilter,
  pattern: patternFilter,
  run: runFilter,
  attribute: attributeFilter,
}

/**
 * @param text  undefined or blank: everything
 * @throws QuerySyntaxError
 */
export function compileQuery(text: string | undefined, nowMillis: number = Date.now()): Filter {
  return compileExpression(parseQueryText(text ?? ''), nowMillis)
}

/** @param expression  undefined: everything */
export function compileExpression(expression: Expression | undefined, nowMillis: number): Filter {
  if (expression === undefined) return ALL
  return {
    ...filterOf(expression, nowMillis),
    matches: matcherOf(expression, nowMillis),
    traces: tracesOf(expression),
  }
}

function filterOf(expression: Expression, nowMillis: number): TermFilter {
  switch (expression.kind) {
    case 'word':
      return wordFilter(expression)
    case 'field':
      return KINDS[expression.subject.kind](expression, nowMillis)
    case 'not': {
      const inner = filterOf(expression.part, nowMillis)
      return {
        condition: (context) => {
          const { sql, parameters } = inner.condition(context)
          return { sql: `NOT coalesce(${sql}, false)`, parameters }
        },
      }
    }
    default: {
      const filters = expression.parts.map((part) => filterOf(part, nowMillis))
      const isAnd = expression.kind === 'and'
      return { condition: (context) => joined(filters, context, isAnd ? ' AND ' : ' OR ') }
    }
  }
}

/** NULL is no match, in AND and OR as well as in WHERE: it stays as it is, for DuckDB sees through no function which rows to skip. */
function joined(filters: readonly TermFilter[], context: FilterContext, word: string): Condition {
  const conditions = filters.map((filter) => filter.condition(context))
  return {
    sql: `(${conditions.map(({ sql }) => `(${sql})`).join(word)})`,
    parameters: conditions.flatMap(({ parameters }) => parameters),
  }
}

/** A span's own name; of a record, its attribute of that name. */
function nameFilter(term: FieldTerm): TermFilter {
  const [ofRecord, ofSpan] = [attributeNamed('name', term), columnFilter(term, undefined, 'name')]
  return { condition: (context) => (context.signal === 'logs' ? ofRecord : ofSpan).condition(context) }
}

/** A text column of the record or of the span. */
function columnFilter(term: FieldTerm, ofLogs: string | undefined, ofSpans: string | undefined): TermFilter {
  return {
    condition: ({ signal }) => {
      const column = signal === 'logs' ? ofLogs : ofSpans
      return column === undefined ? NEVER : textCondition(column, term)
    },
  }
}
