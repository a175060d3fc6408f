/**
 * By how much the clocks of two services differ, measured from the calls between them.
 *
 * What a callee does lies within what its caller waits for. With the caller's span from `cs` to `ce` and the callee's from `ss`
 * to `se`, the callee's clock is ahead by something between `se - ce` and `ss - cs`; several calls narrow that. Times are moved
 * only when 0 is not possible: an honest small gap is better than an invented one. The two ends are the weaker witnesses: a
 * server tells its end when its event loop comes to it, and by then the caller may have read the whole answer.
 */
import type { Skew } from '../model/api.ts'
import { EVENT_LB_END } from '../model/semconv.ts'
import { isSending, isServing, type TreeNode } from './node.ts'
import { isSameHost, senderKey } from './trace-data.ts'
import { walk } from './walk.ts'

const NANOS_PER_MILLI = 1_000_000
/** So much later than its caller may a callee end, on the same clock. Seen: 4 ms, at the first request of a cold process. */
const LATE_END_NANOS = 5 * NANOS_PER_MILLI

export interface Clocks {
  /** When it began by the clock of the first caller. Nanoseconds since the epoch. */
  startOf(node: TreeNode): bigint
  /** A time of the node's sender by that clock. */
  correct(time: bigint, sender: TreeNode): bigint
  readonly skew: readonly Skew[]
  /** Half of the unexplained round trip of this call, milliseconds; undefined when it cannot be known. */
  boundOf(caller: TreeNode, callee: TreeNode): number | undefined
}

/** Nanoseconds, both ends possible. */
interface Edge {
  readonly from: TreeNode
  readonly to: TreeNode
  low: number
  high: number
}

export function measureClocks(roots: readonly TreeNode[]): Clocks {
  const edges = new Map<string, Edge>()
  const order: Edge[] = []
  for (const node of walk(roots)) {
    const { parent } = node
    if (parent === undefined || !isServing(node) || senderKey(parent) === senderKey(node)) continue
    const name = edgeName(parent, node)
    const { low, high } = bounds(parent, node)
    const edge = edges.get(name)
    if (edge === undefined) {
      const made = { from: parent, to: node, low, high }
      edges.set(name, made)
      order.push(made)
    } else {
      edge.low = Math.max(edge.low, low)
      edge.high = Math.min(edge.high, high)
    }
  }
  for (const edge of order) if (isLateEnd(edge)) edge.low = Math.min(edge.low, 0)
  const offsets = new Map([...offsetsOf(order)].map(([sender, nanos]) => [sender, BigInt(Math.round(nanos))]))
  const isMoved = [...offsets.values()].some((nanos) => nanos !== 0n)
  const correct = (time: bigint, sender: TreeNode): bigint =>
    isMoved ? time - (offsets.get(senderKey(sender)) ?? 0n) : time
  return {
    correct,
    startOf: (node) => firstWithin(node, correct),
    skew: order.filter(isTold).map(toSkew),
    boundOf: (caller, callee) => {
      const edge = edges.get(edgeName(caller, callee))
      if (edge === undefined || !Number.isFinite(edge.low) || !Number.isFinite(edge.high)) return undefined
      return Math.abs(edge.high - edge.low) / 2 / NANOS_PER_MILLI
    },
  }
}

/** Where times are cut to milliseconds, a hop began no later than what it called, as far as that explains it. */
function firstWithin(node: TreeNode, correct: Clocks['correct']): bigint {
  const start = correct(node.start, node)
  const resolution = resolutionOf(node)
  if (resolution === 0) return start
  const earliest = start - BigInt(resolution)
  const first = node.children.reduce((time, child) => {
    const began = correct(child.start, child)
    return began < time ? began : time
  }, start)
  return first < earliest ? earliest : first
}

function edgeName(from: TreeNode, to: TreeNode): string {
  return `${senderKey(from)} > ${senderKey(to)}`
}

function bounds(caller: TreeNode, callee: TreeNode): { low: number; high: number } {
  const slack = resolutionOf(caller) + resolutionOf(callee)
  const high = Number(callee.start - caller.start) + slack
  // Who sends does not wait: a message is handled after it was sent, and that is all.
  if (isSending(caller) || caller.end === undefined || callee.end === undefined) return { low: -Infinity, high }
  const low = Number(callee.end - caller.end) - slack
  return { low, high }
}

/**
 * An access line of nginx or HAProxy has times cut to milliseconds: both ends may have been up to one later, and the start, which
 * is made of the end and of a duration that is cut too, up to one earlier. So has the span that the Collector or `tracelog lb-spans`
 * makes of the line. Nanoseconds; 0 for times that are exact.
 */
function resolutionOf({ completion, start, end }: TreeNode): number {
  if (completion?.record.eventName !== EVENT_LB_END) return 0
  const isCut = (time: bigint | undefined): boolean => time !== undefined && time % BigInt(NANOS_PER_MILLI) === 0n
  return isCut(start) && isCut(end) ? NANOS_PER_MILLI : 0
}

/**
 * Whether all that speaks against equal clocks is that the callee ended a little after its caller; on one host, which has one clock, however
 * late: so long was its event loop busy.
 */
function isLateEnd({ from, to, low, high }: Edge): boolean {
  return high >= 0 && (isSameHost(from, to) || low <= LATE_END_NANOS || (low > high && high <= LATE_END_NANOS))
}

/** Two processes of one machine have one clock; unless their times cannot be true otherwise, there is nothing to say. */
function isTold({ from, to, low, high }: Edge): boolean {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return false
  return !isSameHost(from, to) || low > 0 || high < 0
}

/** How far each sender's clock is ahead of the first caller's, in the order in which the request reached them. */
function offsetsOf(edges: readonly Edge[]): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>()
  for (const edge of edges) {
    const to = senderKey(edge.to)
    if (offsets.has(to)) continue
    offsets.set(to, (offsets.get(senderKey(edge.from)) ?? 0) + ahead(edge))
  }
  return offsets
}

function ahead({ low, high }: Edge): number {
  if (low <= 0 && high >= 0) return 0
  return Number.isFinite(low) ? (low + high) / 2 : high
}

function toSkew({ from, to, low, high }: Edge): Skew {
  return {
    from: from.service,
    to: to.service,
    ahead_ms: toMillis((low + high) / 2),
    bound_ms: toMillis(Math.abs(high - low) / 2),
  }
}

/** Three decimals. */
function toMillis(nanos: number): number {
  return Math.round(nanos / 1000) / 1000
}
