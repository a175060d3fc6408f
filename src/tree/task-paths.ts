/**
 * Whose child is a task where no span tells it? By the path that its records have: `3/2/4` is number 4 of the task `3/2`.
 *
 * A path counts within its trace and service instance: two services that do not know of each other begin anew, and a token that is
 * used twice gives one path to two tasks, so that the time decides between several. Only what spans leave open is asked here.
 */
import { isServing, madeNode, roughTimes, type TreeNode } from './node.ts'
import { emptyTask, isLate, placeOf, splitPath } from './task-part.ts'
import { senderKey } from './trace-data.ts'

/** Tasks of one path that are looked at for the one around a time. */
const MAX_LOOKED_AT = 64
/** Loggers cut their times to the millisecond. */
const CUT_NANOS = 1_000_000n

/** Gives nodes their paths, and parents to those that have none by their spans; tasks that only a path tells of become nodes. */
export function placeTasks(nodes: Map<string, TreeNode>): void {
  const all = [...nodes.values()]
  if (!all.some((node) => node.task !== undefined || withinPath(node) !== undefined)) return
  for (const node of all) node.path = ownPath(node)
  const index = new PathIndex(all)
  const open = all.filter((node) => isOpen(node, nodes))
  for (const node of open) if (node.path === undefined) placeInner(node, index)
  const above = open.filter(({ path }) => path !== undefined && path !== '').toSorted(byDepth)
  for (const node of above) placeBelow(node, { index, nodes })
}

/** Whether its parent is unknown. A span that says it has none is a root. */
function isOpen({ parentId, span }: TreeNode, nodes: ReadonlyMap<string, TreeNode>): boolean {
  return parentId === '' ? span === undefined : !nodes.has(parentId)
}

/** Of tasks and of requests: what stands before the numbers of their own records. A request has none unless a task called it. */
function ownPath(node: TreeNode): string | undefined {
  const { start, end } = node.task ?? {}
  const told = start ?? end
  if (told !== undefined) return placeOf(told)?.path
  if (isServing(node)) return withinPath(node) ?? ''
  return node.task === undefined ? undefined : withinPath(node)
}

/** The path of the task that its records were written in. */
function withinPath({ completion, logs, instance }: TreeNode): string | undefined {
  for (const log of completion === undefined ? logs : [completion, ...logs]) {
    const place = log.instance === instance ? placeOf(log) : undefined
    if (place !== undefined) return place.path
  }
  return undefined
}

/** A span within a task that was not received. Where the task itself is not known either, it stands for it. */
function placeInner(node: TreeNode, index: PathIndex): void {
  const path = withinPath(node)
  if (path === undefined) return
  const task = index.findAround(path, node)
  if (task !== undefined) {
    node.parentId = task.id
  } else if (node.span === undefined) {
    node.task = emptyTask()
    node.path = path
    index.add(node)
  }
}

function placeBelow(node: TreeNode, known: { readonly index: PathIndex; readonly nodes: Map<string, TreeNode> }): void {
  const { index, nodes } = known
  const parent = splitPath(node.path as string).path
  const nearest = index.nearest(parent, node)
  const isDirect = nearest?.path === parent
  // A process that was begun in a task has a number of it and no span: what it does hangs below that task.
  if (nearest !== undefined && (isDirect || senderKey(nearest) !== senderKey(node))) {
    node.parentId = nearest.id
    return
  }
  // Who serves may have been called by somebody who never reports, and what a span names is better than a guess.
  if (node.task === undefined || node.span !== undefined || parent === '') return
  const missing = missingTask(parent, node)
  nodes.set(missing.id, missing)
  index.add(missing)
  node.parentId = missing.id
  // Between two of one process all are missing; above the first that is known nobody can tell.
  if (nearest !== undefined) placeBelow(missing, known)
}

function missingTask(path: string, child: TreeNode): TreeNode {
  const node = madeNode(`task ${senderKey(child)} ${path}`, child)
  node.task = emptyTask()
  node.path = path
  node.start = roughTimes(child).from
  return node
}

/** Nodes by path, in order of time. */
class PathIndex {
  readonly #same = new Map<string, TreeNode[]>()
  readonly #any = new Map<string, TreeNode[]>()

  constructor(nodes: readonly TreeNode[]) {
    for (const node of nodes.filter(({ path }) => path !== undefined).toSorted(byTimes)) this.add(node)
  }

  /** @param node  has a path */
  add(node: TreeNode): void {
    const path = node.path as string
    addTo(this.#same, `${senderKey(node)} ${path}`, node)
    addTo(this.#any, path, node)
  }

  /** Of the node's own service instance and around its time; of what came late the first. */
  findAround(path: string, node: TreeNode): TreeNode | undefined {
    const own = this.#same.get(`${senderKey(node)} ${path}`) ?? []
    const around = aroundTime(own, node) ?? aroundTime(own, node, CUT_NANOS)
    return around ?? (node.logs.some(isLate) ? firstOther(own, node, path) : undefined)
  }

  /** Of any instance, rather of the node's own. */
  find(path: string, node: TreeNode): TreeNode | undefined {
    const own = this.#same.get(`${senderKey(node)} ${path}`) ?? []
    const any = this.#any.get(path) ?? []
    const around = aroundTime(own, node) ?? aroundTime(any, node)
    return around ?? firstOther(own, node, path) ?? firstOther(any, node, path)
  }

  /** The first that is known on the way up from this path. */
  nearest(path: string, node: TreeNode): TreeNode | undefined {
    for (let at = path; ; at = splitPath(at).path) {
      const found = this.find(at, node)
      if (found !== undefined || at === '') return found
    }
  }
}

/** Keeps the order of time; mostly it is the last. */
function addTo(map: Map<string, TreeNode[]>, name: string, node: TreeNode): void {
  const list = map.get(name)
  if (list === undefined) map.set(name, [node])
  else list.splice(countBegun(list, roughTimes(node).from), 0, node)
}

/** How many of them began no later. @param nodes  in order of their begin */
function countBegun(nodes: readonly TreeNode[], time: bigint): number {
  let low = 0
  let high = nodes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (roughTimes(nodes[middle] as TreeNode).from <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** Roots are alike: only the single one is certain. */
function firstOther(candidates: readonly TreeNode[], node: TreeNode, path: string): TreeNode | undefined {
  if (path === '' && candidates.length > 1) return undefined
  return candidates[0] === node ? candidates[1] : candidates[0]
}

/**
 * @param candidates  in order of their begin
 * @param slack  so much before its begin or after its end. Nanoseconds
 */
function aroundTime(candidates: readonly TreeNode[], node: TreeNode, slack: bigint = 0n): TreeNode | undefined {
  const { from: time } = roughTimes(node)
  const last = countBegun(candidates, time + slack) - 1
  for (let i = last; i > last - MAX_LOOKED_AT && i >= 0; i--) {
    const candidate = candidates[i] as TreeNode
    const { to } = roughTimes(candidate)
    if (candidate !== node && (to === undefined || to + slack >= time)) return candidate
  }
  return undefined
}

function byTimes(a: TreeNode, b: TreeNode): number {
  const [first, second] = [roughTimes(a).from, roughTimes(b).from]
  return first === second ? compare(a.id, b.id) : first < second ? -1 : 1
}

/** Those above first; the same order whatever came first. */
function byDepth(a: TreeNode, b: TreeNode): number {
  const [first, second] = [a.path as string, b.path as string]
  return first.split('/').length - second.split('/').length || compare(first, second) || byTimes(a, b)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
