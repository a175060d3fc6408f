/**
 * `trace:4bf9…`, `span:00f0…`: ids in hex, a trace id also by its first digits.
 */
import { QuerySyntaxError } from '../query-syntax-error.ts'
import type { FieldTerm } from '../text/expression.ts'
import type { Filter } from './filter.ts'

/** The UUIDs that begin with these hex digits, as a range: lowest and highest. */
export function traceRange(digits: string): readonly [string, string] {
  return [uuidOf(digits.padEnd(32, '0')), uuidOf(digits.padEnd(32, 'f'))]
}

/** @throws QuerySyntaxError when the value is no id */
export function traceFilter(term: FieldTerm): Filter {
  const digits = hexDigits(term, 32)
  const [low, high] = traceRange(digits)
  return {
    // Only hex digits are in it, checked above.
    condition: () => ({ sql: negated(term, `trace BETWEEN '${low}'::UUID AND '${high}'::UUID`), parameters: [] }),
    matches: (row) =>
      (typeof row['trace_id'] === 'string' && row['trace_id'].startsWith(digits)) !== (term.operator === '!='),
  }
}

/** @throws QuerySyntaxError when the value is no id */
export function spanFilter(term: FieldTerm): Filter {
  const digits = hexDigits(term, 16)
  const low = BigInt(`0x${digits.padEnd(16, '0')}`)
  const high = BigInt(`0x${digits.padEnd(16, 'f')}`)
  return {
    condition: () => ({ sql: negated(term, `span BETWEEN ${low}::UBIGINT AND ${high}::UBIGINT`), parameters: [] }),
    matches: (row) =>
      (typeof row['span_id'] === 'string' && row['span_id'].startsWith(digits)) !== (term.operator === '!='),
  }
}

function negated({ operator }: FieldTerm, sql: string): string {
  return operator === '!=' ? `NOT (${sql})` : `(${sql})`
}

function hexDigits({ key, value, valueAt }: FieldTerm, length: number): string {
  const digits = value.replaceAll('-', '').replace(/\*$/, '').toLowerCase()
  if (/^[0-9a-f]+$/.test(digits) && digits.length <= length) return digits
  throw new QuerySyntaxError(`The value of ${key} is "${value}"`, valueAt, `up to ${length} hex digits`)
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
