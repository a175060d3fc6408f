/**
 * What does a statement do, and to which tables? `SELECT orders`: the name of its span.
 *
 * Read from its shape (sql-shape.ts), so that nothing of a literal can come in. What it does not understand it leaves out: a guess would
 * be a wrong name in every report.
 */

export interface SqlSummary {
  /** Upper case; `''`: the text begins with no word. */
  readonly operation: string
  /** The only one; `undefined` for none and for several. */
  readonly table: string | undefined
  /** Operation and tables. */
  readonly text: string
}

/** More are not named. */
const MAX_TABLES = 3
/** A name beyond is no name for a report. Characters. */
const MAX_TABLE = 128

const TOKEN = /"(?:[^"]|"")*"|`(?:[^`]|``)*`|[\p{L}_][\p{L}\p{N}_$]*|\S/gu
const MAIN = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'REPLACE', 'VALUES'])
/** A table's name follows, wherever they stand. */
const BEFORE_TABLE = new Set(['JOIN', 'INTO', 'TABLE', 'TRUNCATE', 'COPY'])
/** A name with an argument list behind it is a function there. */
const BEFORE_FUNCTION = new Set(['FROM', 'JOIN'])
/** May stand between that and the name. */
const SKIPPED = new Set(['ONLY', 'IF', 'NOT', 'EXISTS', 'TABLE', 'LOW_PRIORITY', 'IGNORE', 'LATERAL'])

export function sqlSummary(shape: string): SqlSummary {
  const reader = new Reader(shape.match(TOKEN) ?? [])
  const { operation, tables } = reader.read()
  const [only] = tables
  return { operation, table: tables.length === 1 ? only : undefined, text: [operation, ...tables].join(' ').trim() }
}

class Reader {
  readonly #tokens: readonly string[]
  readonly #tables = new Set<string>()
  /** Names that the statement gives to queries of its own. */
  readonly #given = new Set<string>()
  /** Of each open parenthesis: whether a query stands in it. */
  readonly #parens: boolean[] = []
  #operation = ''

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  read(): { operation: string; tables: readonly string[] } {
    for (let at = 0; at < this.#tokens.length; at++) {
      const token = this.#tokens[at] as string
      if (token === '(') this.#parens.push(false)
      else if (token === ')') this.#parens.pop()
      else if (isName(token)) this.#word(token.toUpperCase(), at)
    }
    return { operation: this.#operation, tables: [...this.#tables].slice(0, MAX_TABLES) }
  }

  #word(word: string, at: number): void {
    if (this.#operation === '') this.#operation = word
    else if (this.#operation === 'WITH') this.#inWith(word, at)
    if (MAIN.has(word) && this.#parens.length > 0) this.#parens[this.#parens.length - 1] = true
    const isOfUpdate = word === 'UPDATE' && this.#operation === 'UPDATE' && this.#before(at, 1) !== 'FOR'
    if (BEFORE_TABLE.has(word) || isOfUpdate || (word === 'FROM' && this.#isFromOfQuery(at))) this.#list(at + 1, word)
  }

  #inWith(word: string, at: number): void {
    if (word === 'AS' && this.#parens.length === 0) this.#given.add(this.#before(at, 1))
    else if (MAIN.has(word) && this.#parens.length === 0) this.#operation = word
  }

  /** Not that of `EXTRACT(YEAR FROM x)` and `IS DISTINCT FROM x`. */
  #isFromOfQuery(at: number): boolean {
    return (this.#parens.at(-1) ?? this.#operation !== 'COPY') && this.#before(at, 1) !== 'DISTINCT'
  }

  /** Tables, and what they are called here, between commas. */
  #list(from: number, word: string): void {
    for (let at = from; ;) {
      while (SKIPPED.has((this.#tokens[at] ?? '').toUpperCase())) at++
      const end = this.#name(at, word)
      const comma = this.#endOfAlias(end)
      if (end === at || this.#tokens[comma] !== ',' || word !== 'FROM') return
      at = comma + 1
    }
  }

  /** @returns behind it; `at` where there is no name */
  #name(at: number, word: string): number {
    const parts: string[] = []
    let end = at
    while (isName(this.#tokens[end]) && parts.length < 4) {
      parts.push(unquoted(this.#tokens[end] as string))
      if (this.#tokens[end + 1] !== '.') break
      end += 2
    }
    const name = parts.join('.')
    const isFunction = this.#tokens[end + 1] === '(' && BEFORE_FUNCTION.has(word)
    const isTable = name !== '' && name.length <= MAX_TABLE && !isFunction && !MAIN.has(name.toUpperCase())
    if (isTable && !this.#given.has(name.toUpperCase())) this.#tables.add(name)
    return name === '' ? at : end + 1
  }

  #endOfAlias(at: number): number {
    const next = (this.#tokens[at] ?? '').toUpperCase() === 'AS' ? at + 1 : at
    return isName(this.#tokens[next]) ? next + 1 : next
  }

  #before(at: number, by: number): string {
    return (this.#tokens[at - by] ?? '').toUpperCase()
  }
}

function isName(token: string | undefined): boolean {
  return token !== undefined && /^["`\p{L}_]/u.test(token)
}

function unquoted(name: string): string {
  return /^["`]/.test(name) && name.length > 1 ? name.slice(1, -1) : name
}
