/**
 * A bare word or a quoted text: the message holds it, in any case. Of a span: its name.
 */
import type { WordTerm } from '../../../query-text/expression.ts'
import { likePattern } from './compare.ts'
import type { TermFilter } from './filter.ts'

export function wordFilter(term: WordTerm): TermFilter {
  const text = term.text.toLowerCase()
  const hasGlob = !term.isQuoted && text.includes('*')
  return {
    condition: ({ signal }) => {
      const subject = signal === 'logs' ? 'lower(coalesce(body, event))' : 'lower(name)'
      if (!hasGlob) return { sql: `contains(${subject}, ?)`, parameters: [text] }
      return { sql: String.raw`${subject} LIKE ? ESCAPE '\'`, parameters: [`%${likePattern(text)}%`] }
    },
  }
}
