/** The check of the demo's order: it must notice each goal that is missing, a tree that broke, and lines that were not recovered. */
import { expect, test } from 'vitest'

import { verifyOrder } from '../../../src/cli/demo/verify-order.ts'
import type { TreeRow } from '../../../src/model/api.ts'
import type { TaskOutcome, TaskTree, TaskTreeNode } from '../../../src/tree/task-tree.ts'

function node(depth: number, name: string, outcome: TaskOutcome, more: Partial<TaskTreeNode> = {}): TaskTreeNode {
  const row: TreeRow = { kind: 'span', depth, at_ms: 0, service: 'order', name }
  return { depth, row, outcome, lines: 0, recovered: 0, late: 0, ...more }
}

const REQUEST: TreeRow = { kind: 'span', depth: 2, at_ms: 0, service: 'api', name: 'GET /api/carts/:user', status: 500 }
const NODES: readonly TaskTreeNode[] = [
  node(0, 'order of 2 items', 'failed'),
  node(1, 'reserve product 3', 'succeeded'),
  node(1, 'reserve product 9', 'succeeded'),
  node(1, 'add up the cart', 'failed'),
  { ...node(2, '', 'failed', { recovered: 3 }), row: REQUEST },
]

const treeOf = (nodes: readonly TaskTreeNode[]): TaskTree => ({ trace_id: 'a'.repeat(32), nodes, loose_lines: 0 })

test('all is there', () => {
  expect(verifyOrder(treeOf(NODES))).toEqual({ problems: [], goals: 4 })
})

test.each([
  { what: 'nothing has arrived', tree: undefined, goals: 0, problem: 'the goal [failed order of 2 items] is missing' },
  {
    what: 'a goal is missing',
    tree: treeOf(NODES.toSpliced(1, 1)),
    goals: 3,
    problem: 'the goal [succeeded reserve product 3] is missing',
  },
  {
    what: 'a goal has not ended',
    tree: treeOf(NODES.with(3, node(1, 'add up the cart', 'unfinished'))),
    goals: 3,
    problem: 'the goal [failed add up the cart] is missing',
  },
  {
    what: 'the tree broke',
    tree: treeOf([...NODES, node(0, 'GET', 'failed')]),
    goals: 4,
    problem: 'the goals are more than one tree',
  },
  {
    what: 'nothing was recovered',
    tree: treeOf(NODES.slice(0, -1)),
    goals: 4,
    problem: 'the request that failed has no recovered lines below its goal',
  },
])('$what', ({ tree, goals, problem }) => {
  const verdict = verifyOrder(tree)
  expect(verdict.problems).toContain(problem)
  expect(verdict.goals).toBe(goals)
})
