/**
 * A bare word or a quoted text: the message holds it, in any case. Of a span: its name.
 */
import type { WordTerm } from '../text/expression.ts'
import { globExpression, likePattern } from './compare.ts'
import type { Filter } from './filter.ts'

export function wordFilter(term: WordTerm): Filter {
  const text = term.text.toLowerCase()
  const hasGlob = !term.isQuoted && text.includes('*')
  const pattern = globExpression(`*${text}*`, 'is')
  return {
    condition: ({ signal }) => {
      const subject = signal === 'logs' ? 'lower(coalesce(body, event))' : 'lower(name)'
      if (!hasGlob) return { sql: `contains(${subject}, ?)`, parameters: [text] }
      return { sql: String.raw`${subject} LIKE ? ESCAPE '\'`, parameters: [`%${likePattern(text)}%`] }
    },
    matches: (row) => {
      const message = typeof row['message'] === 'string' ? row['message'] : ''
      return hasGlob ? pattern.test(message) : message.toLowerCase().includes(text)
    },
  }
}
