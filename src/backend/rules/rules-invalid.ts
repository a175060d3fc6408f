/**
 * All that is wrong in a file of rules as one error.
 */
import { TracelogError } from '../../diag/errors.ts'
import type { RuleProblem } from './rule-node.ts'

/**
 * @param shown  the file, as people write it
 * @param plugins  what is wrong with plugins, a line each, with their places
 */
export function rulesInvalid(shown: string, problems: readonly RuleProblem[], plugins?: string): TracelogError {
  const lines = [
    ...problems.map(({ line, column, message }) => `${shown}:${line}:${column} ${message}`),
    ...(plugins === undefined ? [] : plugins.split('\n')),
  ]
  const [first = shown] = lines
  const text = lines.length === 1 ? first : `${shown} has ${lines.length} errors:\n  ${lines.join('\n  ')}`
  return new TracelogError(text, {
    code: 'TRACELOG_RULES_INVALID',
    hint: 'Put these lines right; `tracelog rules check` tries the file.',
  })
}
