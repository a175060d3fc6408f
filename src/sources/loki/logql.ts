/**
 * A query text as LogQL: which records must Loki send, so that none that matches is missing?
 *
 * LogQL cannot say everything that a query can (words in any case of any script, numbers of any notation, what is missing), so
 * each term is turned into a condition that is never narrower than the term; what Loki sends is held against the query itself
 * (query-text/match.ts) when it has been read. A term that has no such condition is left out of the question. Negation turns this
 * around, so every term gives both sides: what holds wherever it holds, and what holds wherever it does not.
 */
import { ATTR_SERVICE_NAME } from '../../model/semconv.ts'
import { isGlob } from '../../query-text/compare.ts'
import type { Expression, FieldTerm, WordTerm } from '../../query-text/expression.ts'
import { allOf, anyOf, fieldSides, type Sides } from './field-condition.ts'
import { anyCaseRegex, asciiCaseRegex, LINE, literal, quoted } from './logql-text.ts'

/** Conditions longer than this are not sent: Loki reads at most 128 KiB. Characters. */
const MAX_QUERY = 64_000
/** LogQL wants at least one label that is not empty; Loki gives a record without a service's name `unknown_service`. */
export const EVERYTHING = '{service_name=~".+"}'

/** @param more  a further condition on labels, of this program and not of a user */
export function toLogql(expression: Expression | undefined, more?: string): string {
  const parts = expression === undefined ? [] : expression.kind === 'and' ? expression.parts : [expression]
  const lines = parts.map(lineFilter)
  const labels = parts.map((part, i) => (lines[i] === undefined ? sidesOf(part).holds : undefined))
  const conditions = [...labels, more].filter((condition) => condition !== undefined)
  const hasLine = conditions.some((condition) => condition.includes(LINE))
  const whole = [
    selectorOf(parts),
    ...lines.filter((line) => line !== undefined),
    ...(hasLine ? [`| label_format ${LINE}=\`{{__line__}}\``] : []),
    ...conditions.map((condition) => `| ${condition}`),
    ...(hasLine ? [`| drop ${LINE}`] : []),
  ].join(' ')
  return whole.length <= MAX_QUERY ? whole : [EVERYTHING, ...(more === undefined ? [] : [`| ${more}`])].join(' ')
}

/** One service is one stream: that is what Loki's index is good for. */
function selectorOf(parts: readonly Expression[]): string {
  const term = parts.find(
    (part) =>
      part.kind === 'field' &&
      part.subject.kind === 'resource' &&
      part.subject.attribute === ATTR_SERVICE_NAME &&
      (part.operator === ':' || part.operator === '=') &&
      !isGlob(part) &&
      part.value !== '' &&
      part.value.isWellFormed(),
  ) as FieldTerm | undefined
  return term === undefined ? EVERYTHING : `{service_name=${quoted(term.value)}}`
}

/**
 * A word is looked for in the line, the cheapest that Loki does. A record without a body shows its event's name instead: its line is
 * empty.
 */
function lineFilter(part: Expression): string | undefined {
  if (part.kind === 'not' && part.part.kind === 'word') {
    const regex = regexOfWord(part.part, asciiCaseRegex)
    return regex === undefined ? undefined : `!~ ${quoted(regex)}`
  }
  const words = part.kind === 'or' ? part.parts : [part]
  const regexes = words.map((word) => (word.kind === 'word' ? regexOfWord(word, anyCaseRegex) : undefined))
  return regexes.includes(undefined) ? undefined : `|~ ${quoted([...regexes, '^$'].join('|'))}`
}

function wordSides(term: WordTerm): Sides {
  const [wide, narrow] = [regexOfWord(term, anyCaseRegex), regexOfWord(term, asciiCaseRegex)]
  return {
    holds: wide === undefined ? undefined : `(${LINE}=~${quoted(`^(?s:.*${wide}.*)$`)} or ${LINE}="")`,
    fails: narrow === undefined ? undefined : `${LINE}!~${quoted(`^(?s:.*${narrow}.*)$`)}`,
  }
}

function regexOfWord({ text, isQuoted }: WordTerm, regexOf: (text: string) => string | undefined): string | undefined {
  if (!text.isWellFormed()) return undefined
  const parts = (isQuoted ? [text] : text.split('*')).map(regexOf)
  return parts.includes(undefined) ? undefined : `(?:${parts.join('(?s:.*)')})`
}

function sidesOf(expression: Expression): Sides {
  switch (expression.kind) {
    case 'word':
      return wordSides(expression)
    case 'field':
      return fieldSides(expression)
    case 'not': {
      const { holds, fails } = sidesOf(expression.part)
      return { holds: fails, fails: holds }
    }
    default: {
      const sides = expression.parts.map(sidesOf)
      const all = { and: 'and', or: 'or' } as const
      const isAnd = expression.kind === all.and
      const holds = sides.map((side) => side.holds)
      const fails = sides.map((side) => side.fails)
      return { holds: isAnd ? allOf(holds) : anyOf(holds), fails: isAnd ? anyOf(fails) : allOf(fails) }
    }
  }
}

/** One of these texts exactly, as a condition of this program. */
export function oneOf(label: string, texts: readonly string[]): string {
  return `${label}=~${quoted(`^(?:${texts.map(literal).join('|')})$`)}`
}
