/**
 * `took>250ms`: how long a span lasted, or how long the hop that wrote a completion record took.
 */
import { ATTR_RESPONSE_TIME_MS } from '../../../model/semconv.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import { attributeNamed } from './attribute.ts'
import { numberCondition } from './compare.ts'
import type { TermFilter } from './filter.ts'

export function durationFilter(term: FieldTerm): TermFilter {
  const ofRecord = attributeNamed(ATTR_RESPONSE_TIME_MS, term)
  const ofSpan = numberCondition('(took / 1e6)', term)
  return { condition: (context) => (context.signal === 'spans' ? ofSpan : ofRecord.condition(context)) }
}
