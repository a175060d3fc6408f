/**
 * `trace:4bf9…`, `span:00f0…`: ids in hex, a trace id also by its first digits.
 */
import { idDigits, SPAN_DIGITS, TRACE_DIGITS } from '../../../query-text/bounds.ts'
import type { FieldTerm } from '../../../query-text/expression.ts'
import type { TermFilter } from './filter.ts'

/** The UUIDs that begin with these hex digits, as a range: lowest and highest. */
export function traceRange(digits: string): readonly [string, string] {
  return [uuidOf(digits.padEnd(32, '0')), uuidOf(digits.padEnd(32, 'f'))]
}

export function traceFilter(term: FieldTerm): TermFilter {
  const [low, high] = traceRange(idDigits(term, TRACE_DIGITS))
  // Only hex digits are in it, checked above.
  return {
    condition: () => ({ sql: negated(term, `trace BETWEEN '${low}'::UUID AND '${high}'::UUID`), parameters: [] }),
  }
}

export function spanFilter(term: FieldTerm): TermFilter {
  const digits = idDigits(term, SPAN_DIGITS)
  const low = BigInt(`0x${digits.padEnd(16, '0')}`)
  const high = BigInt(`0x${digits.padEnd(16, 'f')}`)
  return {
    // 0 stands for no span.
    condition: () => ({
      sql: negated(term, `span <> 0 AND span BETWEEN ${low}::UBIGINT AND ${high}::UBIGINT`),
      parameters: [],
    }),
  }
}

/** A record without an id has another one than this. */
function negated({ operator }: FieldTerm, sql: string): string {
  return operator === '!=' ? `NOT coalesce(${sql}, false)` : `(${sql})`
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
