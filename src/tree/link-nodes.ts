/**
 * Which happenings there are and who caused whom, from spans and records together.
 *
 * Nothing is dropped: a record whose span was not received makes a node of its own (a lost, unsampled or unfinished span), a
 * span whose parent was not received makes one too if that parent must be of the same process (only a SERVER span's parent may
 * be somebody who never reports).
 */
import * as key from '../model/semconv.ts'
import {
  attributeOf,
  componentOf,
  isCalling,
  isServing,
  madeNode,
  settleTimes,
  spanNode,
  type TreeNode,
} from './node.ts'
import { distinctLogs } from './distinct-logs.ts'
import { countTasks } from './task-numbers.ts'
import { emptyTask, isTaskRecord, takeTaskRecord } from './task-part.ts'
import { placeTasks } from './task-paths.ts'
import { senderKey, timeOf, type Sender, type TraceData, type TraceLog, type TraceSpan } from './trace-data.ts'
import { walk } from './walk.ts'

export interface LinkedTrace {
  /** In order of their start. */
  readonly roots: readonly TreeNode[]
  readonly nodes: readonly TreeNode[]
  /** Records that name no span, in order of time. */
  readonly looseLogs: readonly TraceLog[]
}

export function linkNodes({ spans, logs }: TraceData): LinkedTrace {
  const nodes = new Map<string, TreeNode>()
  // An exporter that was cut off may send a span twice. The order in which they came means nothing.
  for (const { span, ...sender } of spans.toSorted(bySpan)) {
    if (!nodes.has(span.spanId)) nodes.set(span.spanId, spanNode(span, sender))
  }
  const looseLogs: TraceLog[] = []
  for (const log of distinctLogs(logs.toSorted(byTime))) {
    if (log.record.spanId === '') looseLogs.push(log)
    else addLog(nodes, log)
  }
  for (const node of nodes.values()) node.completion ??= node.task?.end
  placeTasks(nodes)
  inferParents(nodes)
  linkChildren(nodes)
  // A node that was made from its children has their times only now; its parent may be one of those too.
  const roots = [...nodes.values()].filter(({ parent }) => parent === undefined)
  for (const node of [...walk(roots)].toReversed()) settleTimes(node)
  adoptStrays(roots, [...nodes.values()])
  const remaining = roots.filter(({ parent }) => parent === undefined).toSorted(byStart)
  countTasks(walk(remaining))
  return { roots: remaining, nodes: [...nodes.values()], looseLogs }
}

function addLog(nodes: Map<string, TreeNode>, log: TraceLog): void {
  const { record } = log
  const own = nodes.get(record.spanId)
  if (record.eventName === key.EVENT_CACHE_END) {
    addLookUp(nodes, log, own)
    return
  }
  const node = own ?? made(nodes, record.spanId, log)
  const parentId = attributeOf(log, key.ATTR_PARENT_SPAN_ID)
  if (node.parentId === '' && node.span === undefined && typeof parentId === 'string') node.parentId = parentId
  if (isTaskRecord(log) && takeTaskRecord((node.task ??= emptyTask()), log)) return
  if (key.SERVED_EVENTS.includes(record.eventName) && node.completion === undefined) node.completion = log
  else node.logs.push(log)
}

/** A look-up's record stands in its own span, or, where look-ups have no spans, in the span of who asked. */
function addLookUp(nodes: Map<string, TreeNode>, log: TraceLog, own: TreeNode | undefined): void {
  if (own !== undefined && own.completion === undefined && isCalling(own)) {
    own.completion = log
    return
  }
  const parentId = attributeOf(log, key.ATTR_PARENT_SPAN_ID)
  const isOfLostSpan = own === undefined && typeof parentId === 'string'
  const id = isOfLostSpan ? log.record.spanId : `record ${log.id}`
  const node = made(nodes, id, log)
  node.parentId = isOfLostSpan ? parentId : log.record.spanId
  node.completion = log
}

function made(nodes: Map<string, TreeNode>, id: string, sender: Sender): TreeNode {
  const node = madeNode(id, sender)
  nodes.set(id, node)
  return node
}

/** Parents that nobody reported, of nodes whose parent is of the same process. */
function inferParents(nodes: Map<string, TreeNode>): void {
  for (const node of nodes.values()) {
    if (node.parentId === '' || node.parentId === node.id || nodes.has(node.parentId)) continue
    if (!isServing(node)) made(nodes, node.parentId, node)
  }
}

function linkChildren(nodes: ReadonlyMap<string, TreeNode>): void {
  for (const node of nodes.values()) {
    const parent = nodes.get(node.parentId)
    if (parent === undefined || isWithin(parent, node)) continue
    node.parent = parent
    parent.children.push(node)
  }
}

/** Whether `node` is `inner` or one of its ancestors: a circle of parents is cut where it closes. */
function isWithin(inner: TreeNode, node: TreeNode): boolean {
  for (let at: TreeNode | undefined = inner; at !== undefined; at = at.parent) if (at === node) return true
  return false
}

/** Nodes made from records, of which nobody said the parent: they go where their time and sender fit best. */
function adoptStrays(roots: readonly TreeNode[], nodes: readonly TreeNode[]): void {
  if (roots.length < 2) return
  const spans = nodes.filter(({ span }) => span !== undefined).toSorted(byLength)
  for (const stray of roots) {
    if (stray.span !== undefined) continue
    const around = spans.filter((candidate) => encloses(candidate, stray) && !isWithin(candidate, stray))
    const same = senderKey(stray)
    const parent =
      around.find((candidate) => senderKey(candidate) === same) ??
      around.find(
        (candidate) => isCalling(candidate) && candidate.children.length === 0 && componentOf(candidate) !== 'cache',
      )
    if (parent === undefined) continue
    stray.parent = parent
    parent.children.push(stray)
  }
}

function encloses(node: TreeNode, stray: TreeNode): boolean {
  return node.start <= stray.start && node.end !== undefined && node.end >= (stray.end ?? stray.start)
}

function byLength(a: TreeNode, b: TreeNode): number {
  return Number((a.end ?? a.start) - a.start - ((b.end ?? b.start) - b.start)) || byStart(a, b)
}

/** By time, and of one time by their ids: whatever came first. */
export function byStart(a: TreeNode, b: TreeNode): number {
  return Number(a.start - b.start) || compareTexts(a.id, b.id)
}

function bySpan({ span: a }: TraceSpan, { span: b }: TraceSpan): number {
  return Number(a.startTimeUnixNano - b.startTimeUnixNano) || compareTexts(a.spanId, b.spanId)
}

/** By time, then by the sender's count of its records, then by arrival. */
export function byTime(a: TraceLog, b: TraceLog): number {
  const [first, second] = [timeOf(a), timeOf(b)]
  if (first !== second) return first < second ? -1 : 1
  return (
    compareTexts(senderKey(a), senderKey(b)) ||
    numberIn(a, key.ATTR_SEQ) - numberIn(b, key.ATTR_SEQ) ||
    numberIn(a, key.ATTR_THREAD_ID) - numberIn(b, key.ATTR_THREAD_ID) ||
    Number(BigInt(a.id) - BigInt(b.id))
  )
}

function numberIn(log: TraceLog, name: string): number {
  const value = attributeOf(log, name)
  return typeof value === 'number' ? value : 0
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
