/**
 * Is all of a task here? Its end says which number was its last and how many of them do not come by themselves (spec: tasks, Numbers).
 *
 * Counted are distinct numbers of the task's own service instance: of records that were sent at once, and of children by their start.
 * What a dump brought and what another service answered with proves nothing, so that neither can hide a loss.
 */
import * as key from '../model/semconv.ts'
import { isCalling, isSending, nodeAttribute, type TreeNode } from './node.ts'
import { countIn, isBuffered, numberBelow, placeOf, splitPath } from './task-part.ts'
import { senderKey, type Sender } from './trace-data.ts'

/** The numbers of one task. */
interface Numbers {
  /** Of records that were sent at once, and of children. */
  readonly sent: Set<number>
  /** Of records that a dump brought, and of what others answered with. */
  readonly known: Set<number>
  /** Outgoing calls that nobody answered with a number. */
  calls: number
}

/** @param nodes  parents before their children */
export function countTasks(nodes: Iterable<TreeNode>): void {
  const within = new Map<TreeNode, TreeNode>()
  const numbers = new Map<TreeNode, Numbers>()
  for (const node of nodes) {
    const above = node.parent === undefined ? undefined : within.get(node.parent)
    const task = node.task === undefined ? above : node
    if (task !== undefined) within.set(node, task)
    if (node.task !== undefined) numbers.set(node, { sent: new Set(), known: new Set(), calls: 0 })
    if (task !== undefined) takeRecords(node, task, numbers.get(task) as Numbers)
    if (above !== undefined) takeChild(node, above, numbers.get(above) as Numbers)
  }
  for (const [node, found] of numbers) judge(node, found)
}

function takeRecords(node: TreeNode, task: TreeNode, { sent, known }: Numbers): void {
  const { start, end } = node.task ?? {}
  for (const log of new Set([start, end, node.completion, ...node.logs])) {
    const place = log && placeOf(log)
    if (log === undefined || place === undefined) continue
    // A process that was begun in a task writes into its span what it writes outside of tasks of its own.
    if (!isSame(log, task)) addTo(known, numberBelow(task.path ?? '', place.path))
    else if (place.path === task.path) (isBuffered(log) ? known : sent).add(place.number)
  }
}

/** What hangs below: a task or request with a number of this one, or a call that took one. */
function takeChild(node: TreeNode, task: TreeNode, numbers: Numbers): void {
  const { path: above } = task
  if (above === undefined) return
  const numberOf = ({ path = '' }: TreeNode): number | undefined => numberBelow(above, path)
  const number = numberOf(node)
  if (number === undefined) {
    if (isNumberedCall(node) && node.children.every((child) => numberOf(child) === undefined)) numbers.calls++
    return
  }
  const start = node.task?.start
  const isChild = start !== undefined && isSame(node, task) && splitPath(node.path as string).path === above
  if (isChild && !isBuffered(start)) numbers.sent.add(number)
  else numbers.known.add(number)
}

function addTo(numbers: Set<number>, number: number | undefined): void {
  if (number !== undefined) numbers.add(number)
}

/** Requests and messages take a number, whoever answers them; look-ups and queries take none. */
function isNumberedCall(node: TreeNode): boolean {
  if (!isCalling(node)) return false
  return isSending(node) || NUMBERED.some((name) => nodeAttribute(node, name) !== undefined)
}

const NUMBERED = [key.ATTR_HTTP_REQUEST_METHOD, key.ATTR_RPC_SERVICE]

function judge({ task }: TreeNode, { sent, known, calls }: Numbers): void {
  const last = countIn(task?.end, key.ATTR_TASK_LAST)
  if (task === undefined || last === undefined) return
  const unsent = countIn(task.end, key.ATTR_TASK_UNSENT) ?? 0
  // A record that came after the end has a number that the end does not know of.
  const here = [...sent].filter((number) => number <= last).length
  const others = [...known].filter((number) => number <= last && !sent.has(number)).length
  task.missing = Math.max(0, last - unsent - here)
  task.notSent = Math.max(0, unsent - others - calls)
}

function isSame(a: Sender, b: Sender): boolean {
  return senderKey(a) === senderKey(b)
}
