/**
 * Did the cache have it? What a `Cache-Status` header (RFC 9211) says of the cache nearest to the client: its last member.
 *
 * Read once from left to right: a comma or a semicolon within quotes separates nothing.
 */
import { MAX_CACHE_STATUS, trimBlanks } from './header-text.ts'

/** What was read last: an upstream says the same of most of its answers. */
let lastText = ''
let lastAnswer: boolean | undefined

/** @returns `undefined` when the header says neither hit nor miss, or is too long to be one */
export function readCacheStatus(header: string | readonly string[] | undefined): boolean | undefined {
  const text = typeof header === 'string' ? header : header?.join(',')
  if (text === undefined || text.length > MAX_CACHE_STATUS) return undefined
  if (text !== lastText) {
    lastAnswer = answerOf(text)
    lastText = text
  }
  return lastAnswer
}

function answerOf(text: string): boolean | undefined {
  const names = lastParameters(text).map((parameter) => trimBlanks(parameter).toLowerCase())
  if (names.some((name) => name === 'hit' || name === 'hit=?1')) return true
  return names.some((name) => name.startsWith('fwd=')) ? false : undefined
}

/** What follows the cache's name in the last member. */
function lastParameters(text: string): string[] {
  let parameters: string[] = []
  let isName = true
  let from = 0
  let isQuoted = false
  const take = (to: number) => {
    if (!isName) parameters.push(text.slice(from, to))
    from = to + 1
  }
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (isQuoted && character === '\\') at += 1
    else if (character === '"') isQuoted = !isQuoted
    else if (!isQuoted && character === ';') {
      take(at)
      isName = false
    } else if (!isQuoted && character === ',') {
      parameters = []
      isName = true
      from = at + 1
    }
  }
  take(text.length)
  return parameters
}
