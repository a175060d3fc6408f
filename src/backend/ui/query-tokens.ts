/**
 * A query text in pieces for the eye: keys, operators, values, quotes, joints. Pure, linear, and of any text, right or wrong; whether it
 * is right is for query-text/parse.ts to say.
 */
export interface Token {
  readonly kind: 'key' | 'operator' | 'value' | 'quoted' | 'joint' | 'blank'
  readonly text: string
  /** From 0, in UTF-16 units. */
  readonly at: number
}

const BLANK = /\s+/y
const JOINT = /[()]|-(?=[^\s)])|(?:OR|AND)(?=[\s()]|$)/y
const KEY = /[\p{L}_][\p{L}\p{N}_.\-/]*(?=[:=<>]|!=)/uy
const OPERATOR = /!=|>=|<=|[:=<>]/y
const QUOTED = /"(?:\\["\\]|[^"])*"?/y
const WORD = /[^\s()"]+/y

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (kind: Token['kind'], pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found === undefined) return false
    tokens.push({ kind, text: found, at })
    at += found.length
    return true
  }
  while (at < text.length) {
    if (take('blank', BLANK) || take('joint', JOINT)) continue
    if (take('key', KEY)) take('operator', OPERATOR)
    if (!take('quoted', QUOTED) && !take('value', WORD))
      at = Math.max(at, (tokens.at(-1)?.at ?? 0) + (tokens.at(-1)?.text.length ?? 1))
  }
  return tokens
}

/** The terms that stand beside each other, for chips; a query with OR outside of parentheses is one. */
export function termsOf(text: string): readonly string[] {
  const terms: string[] = []
  let depth = 0
  let term = ''
  for (const { kind, text: piece } of tokensOf(text)) {
    if (depth === 0 && piece === 'OR' && kind === 'joint') return [text.trim()]
    const ends = depth === 0 && (kind === 'blank' || (kind === 'joint' && piece === 'AND'))
    if (ends && term !== '') terms.push(term)
    if (ends) term = ''
    else term += piece
    if (kind === 'joint' && piece === '(') depth++
    if (kind === 'joint' && piece === ')') depth--
  }
  if (term !== '') terms.push(term)
  return terms
}

/** A term more, unless it is there; a question with OR is put in parentheses first. */
export function withTerm(text: string, term: string): string {
  const terms = termsOf(text)
  if (terms.includes(term)) return text
  const hasOr = terms.length === 1 && tokensOf(text).some(({ kind, text: piece }) => kind === 'joint' && piece === 'OR')
  return [hasOr && !/^\(.*\)$/s.test(text.trim()) ? `(${text.trim()})` : text.trim(), term]
    .filter((part) => part !== '')
    .join(' ')
}

export function withoutTerm(text: string, term: string): string {
  return termsOf(text)
    .filter((other) => other !== term)
    .join(' ')
}

/** `key:value`, quoted where the value needs it. */
export function termOf(key: string, value: string): string {
  const isPlain = /^[^\s()"*\\]+$/.test(value)
  return `${key}:${isPlain ? value : `"${value.replaceAll(/["\\]/g, (found) => `\\${found}`)}"`}`
}

/** The texts that a query looks for in messages, in lower case. */
export function wordsOf(text: string): readonly string[] {
  const tokens = tokensOf(text)
  return tokens.flatMap(({ kind, text: piece }, index) => {
    if (
      (kind !== 'value' && kind !== 'quoted') ||
      tokens[index - 1]?.kind === 'operator' ||
      tokens[index - 1]?.text === '-'
    )
      return []
    const word = kind === 'quoted' ? piece.slice(1, piece.endsWith('"') ? -1 : undefined) : piece
    return word === '' || word.includes('*') ? [] : [word.toLowerCase()]
  })
}
