/**
 * Every node of a tree, in the order of reading.
 */
import type { TreeNode } from './node.ts'

/** @yields parents before their children */
export function* walk(roots: readonly TreeNode[]): Generator<TreeNode> {
  const stack = roots.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    stack.push(...node.children.toReversed())
  }
}
