/**
 * Which traces everything that matches is of, where the text says so: `trace:<32 digits>` beside other terms, or between ORs.
 */
import { idDigits, TRACE_DIGITS } from '../../../query-text/bounds.ts'
import type { Expression } from '../../../query-text/expression.ts'

/** @returns undefined: a match may be of any trace, or of none */
export function tracesOf(expression: Expression): readonly string[] | undefined {
  switch (expression.kind) {
    case 'field': {
      if (expression.subject.kind !== 'trace' || expression.operator === '!=') return undefined
      const digits = idDigits(expression, TRACE_DIGITS)
      return digits.length === TRACE_DIGITS ? [digits] : undefined
    }
    case 'and':
      return expression.parts.map(tracesOf).find((traces) => traces !== undefined)
    case 'or': {
      const all = expression.parts.map(tracesOf)
      return all.includes(undefined) ? undefined : all.flatMap((traces) => traces ?? [])
    }
    default:
      return undefined
  }
}
