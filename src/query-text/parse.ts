/**
 * Reads a query text: terms joined by AND (written or not), `-` negates, OR, parentheses, `key<op>value`, quotes.
 *
 * Errors point at the column and say what was expected there. OR binds weaker than AND. What a term may ask: terms.ts.
 */
import { QuerySyntaxError } from './query-syntax-error.ts'
import type { Expression, Operator } from './expression.ts'
import { checkTerm, OPERATORS, subjectOf } from './terms.ts'

const TERM = 'a word, a quoted text or key:value'
/** Terms of one query at most: deeper ones are no question a person asks. */
const MAX_TERMS = 500

/** @returns undefined for a blank text: everything. @throws QuerySyntaxError */
export function parseQueryText(text: string): Expression | undefined {
  const parser = new Parser(text)
  return parser.all()
}

class Parser {
  readonly #text: string
  #at = 0
  #terms = 0

  constructor(text: string) {
    this.#text = text
  }

  all(): Expression | undefined {
    this.#blanks()
    if (this.#at === this.#text.length) return undefined
    const expression = this.#either(0)
    this.#blanks()
    if (this.#at < this.#text.length) throw this.#error(TERM)
    return expression
  }

  #either(depth: number): Expression {
    const parts = [this.#both(depth)]
    while (this.#word('OR')) parts.push(this.#both(depth))
    return parts.length === 1 ? (parts[0] as Expression) : { kind: 'or', parts }
  }

  #both(depth: number): Expression {
    const parts = [this.#term(depth)]
    for (;;) {
      const hasAnd = this.#word('AND')
      this.#blanks()
      const next = this.#text[this.#at]
      if (!hasAnd && (next === undefined || next === ')' || this.#isAhead('OR'))) break
      parts.push(this.#term(depth))
    }
    return parts.length === 1 ? (parts[0] as Expression) : { kind: 'and', parts }
  }

  #term(depth: number): Expression {
    this.#blanks()
    if (++this.#terms > MAX_TERMS || depth > 50) throw this.#error(`at most ${MAX_TERMS} terms`)
    const next = this.#text[this.#at]
    if (next === undefined || next === ')' || this.#isAhead('OR') || this.#isAhead('AND')) throw this.#error(TERM)
    if (next === '-' && !/[\s)]/.test(this.#text[this.#at + 1] ?? ' ')) {
      this.#at++
      return { kind: 'not', part: this.#term(depth + 1) }
    }
    if (next !== '(') return this.#leaf()
    this.#at++
    const inner = this.#either(depth + 1)
    this.#blanks()
    if (this.#text[this.#at] !== ')') throw this.#error('a closing parenthesis')
    this.#at++
    return inner
  }

  #leaf(): Expression {
    const at = this.#at
    if (this.#text[at] === '"') return { kind: 'word', text: this.#quoted(), isQuoted: true, at }
    const key = this.#keyAhead()
    if (key === undefined) return { kind: 'word', text: this.#bare(), isQuoted: false, at }
    this.#at += key.length
    const operator = this.#operatorAhead() as Operator
    this.#at += operator.length
    const valueAt = this.#at
    const isQuoted = this.#text[valueAt] === '"'
    const value = isQuoted ? this.#quoted() : this.#bare()
    if (value === '' && !isQuoted) throw this.#error(`a value for ${key}`)
    return checkTerm({ kind: 'field', key, subject: subjectOf(key), operator, value, isQuoted, at, valueAt })
  }

  /** The key of `key<op>`, if that is what comes. */
  #keyAhead(): string | undefined {
    const key = /^[\p{L}_][\p{L}\p{N}_.\-/]*/u.exec(this.#text.slice(this.#at))?.[0]
    if (key === undefined) return undefined
    const operator = OPERATORS.find((candidate) => this.#text.startsWith(candidate, this.#at + key.length))
    return operator === undefined ? undefined : key
  }

  #operatorAhead(): Operator | undefined {
    return OPERATORS.find((candidate) => this.#text.startsWith(candidate, this.#at))
  }

  #bare(): string {
    const word = /^[^\s()"]*/.exec(this.#text.slice(this.#at))?.[0] ?? ''
    this.#at += word.length
    return word
  }

  /** Inside quotes, `\"` is a quote and `\\` a backslash. */
  #quoted(): string {
    const start = this.#at++
    let text = ''
    for (;;) {
      const next = this.#text[this.#at++]
      if (next === undefined) {
        this.#at = this.#text.length
        throw this.#error(`a closing quote for the one at column ${start + 1}`)
      }
      if (next === '"') return text
      if (next === '\\' && /["\\]/.test(this.#text[this.#at] ?? '')) text += this.#text[this.#at++]
      else text += next
    }
  }

  #word(word: string): boolean {
    this.#blanks()
    if (!this.#isAhead(word)) return false
    this.#at += word.length
    return true
  }

  #isAhead(word: string): boolean {
    return this.#text.startsWith(word, this.#at) && /^$|[\s()]/.test(this.#text[this.#at + word.length] ?? '')
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #error(expected: string): QuerySyntaxError {
    const found = this.#text.slice(this.#at, this.#at + 20)
    return new QuerySyntaxError(found === '' ? 'The query ends' : `The query has "${found}"`, this.#at, expected)
  }
}
