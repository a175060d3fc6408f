/**
 * Is the order of the demo one tree of goals, from its own program into the API server, with what came of each? Pure.
 */
import { rowTitle } from '../../model/row-words.ts'
import type { TaskTree } from '../../tree/task-tree.ts'
import { API } from './scene.ts'

/** What src/demo/order.ts says, and what comes of it. */
const GOALS = [
  'failed order of 2 items',
  'succeeded reserve product 3',
  'succeeded reserve product 9',
  'failed add up the cart',
] as const

export interface OrderVerdict {
  /** One sentence each; empty when all is there. */
  readonly problems: readonly string[]
  /** That are there. */
  readonly goals: number
}

/** @param tree  `undefined`: nothing of it has arrived */
export function verifyOrder(tree: TaskTree | undefined): OrderVerdict {
  const nodes = tree?.nodes ?? []
  const said = nodes.map(({ outcome, row }) => `${outcome} ${rowTitle(row)}`)
  const missing = GOALS.filter((goal) => !said.includes(goal))
  const hasLines = nodes.some(({ row, recovered }) => row.service === API && recovered > 0)
  return {
    problems: [
      ...missing.map((goal) => `the goal [${goal}] is missing`),
      ...(nodes.filter(({ depth }) => depth === 0).length > 1 ? ['the goals are more than one tree'] : []),
      ...(hasLines ? [] : ['the request that failed has no recovered lines below its goal']),
    ],
    goals: GOALS.length - missing.length,
  }
}
