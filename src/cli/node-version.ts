/**
 * Is this Node new enough? Asked before a command is loaded: an older one stops at the first module that it does not know.
 */
import { TracelogError } from '../diag/errors.ts'

/** Source: `engines` of package.json. */
export const MIN_NODE = '22.15.0'

export function isNewEnough(node: string): boolean {
  const [major, minor] = numbersOf(node)
  const [minMajor, minMinor] = numbersOf(MIN_NODE)
  return major > minMajor || (major === minMajor && minor >= minMinor)
}

/** @throws TRACELOG_USAGE on a Node that is too old */
export function requireNode(node: string): void {
  if (isNewEnough(node)) return
  throw new TracelogError(`Node is ${node}, but must be ${MIN_NODE} or newer`, {
    code: 'TRACELOG_USAGE',
    hint: 'Install a current Node, or put it first in PATH.',
  })
}

/** `v22.15.0` -> [22, 15]. */
function numbersOf(version: string): readonly [number, number] {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return [major, minor]
}
