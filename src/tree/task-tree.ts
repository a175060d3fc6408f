/**
 * What was to be achieved, and whether it was: the tasks, requests and calls of a trace without their lines.
 *
 * Made from the rows of `buildTree`, so that whatever answers with a trace answers with this too. Flat, in reading order; siblings by
 * the number that their task gave them, then by time.
 */
import type { TaskWords, TraceTree, TreeRow } from '../model/api.ts'

/** How something ended. `unfinished`: no end was seen. */
export type TaskOutcome = 'succeeded' | 'failed' | 'cancelled' | 'unfinished'

export interface TaskTreeNode {
  readonly depth: number
  /** Everything that the trace says of it. */
  readonly row: TreeRow
  readonly outcome: TaskOutcome
  /** Lines within it that are stored, those of what hangs below not counted. */
  readonly lines: number
  /** Of these: kept below the level and sent after all. */
  readonly recovered: number
  /** Of these: written after its end. */
  readonly late: number
}

export interface TaskTree {
  readonly trace_id: string
  readonly nodes: readonly TaskTreeNode[]
  /** Lines that belong to no span. */
  readonly loose_lines: number
  /** Rows of the trace that were too many: the tree may lack some. */
  readonly truncated?: number
}

/** @param tree  from `buildTree`, or an answer of the API */
export function taskTree({ trace_id: traceId, rows, truncated }: TraceTree): TaskTree {
  const { roots, looseLines } = nest(rows)
  return {
    trace_id: traceId,
    nodes: flatten(roots),
    loose_lines: looseLines,
    ...(truncated === undefined ? {} : { truncated }),
  }
}

/** While it is put together. */
interface Item {
  readonly row: TreeRow
  readonly children: Item[]
  lines: number
  recovered: number
  late: number
}

function nest(rows: readonly TreeRow[]): { roots: readonly Item[]; looseLines: number } {
  const roots: Item[] = []
  /** The item that stands for each depth: a row without one of its own is told by the one above it. */
  const above: (Item | undefined)[] = []
  let looseLines = 0
  for (const row of rows) {
    if (row.kind === 'gap') continue
    const parent = row.depth === 0 ? undefined : above[row.depth - 1]
    if (row.kind === 'log') {
      if (parent === undefined) looseLines++
      else countLine(parent, row)
      continue
    }
    const item = parent !== undefined && isOnlySeenByLines(row) ? parent : makeItem(row, parent?.children ?? roots)
    above.length = row.depth
    above[row.depth] = item
  }
  return { roots, looseLines }
}

function countLine(item: Item, { recovered, late }: TreeRow): void {
  item.lines++
  if (recovered === true) item.recovered++
  if (late === true) item.late++
}

/** A span within another that was not received: what is known of it are its lines. */
function isOnlySeenByLines({ inferred, unfinished, task }: TreeRow): boolean {
  return inferred === true && unfinished === true && task === undefined
}

function makeItem(row: TreeRow, siblings: Item[]): Item {
  const item = { row, children: [], lines: 0, recovered: 0, late: 0 }
  siblings.push(item)
  return item
}

function flatten(roots: readonly Item[]): TaskTreeNode[] {
  const nodes: TaskTreeNode[] = []
  const steps = ordered(roots)
    .map((item) => ({ item, depth: 0 }))
    .toReversed()
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { item, depth } = step
    const { row, children, ...counts } = item
    nodes.push({ depth, row, outcome: outcomeOf(row), ...counts })
    const below = ordered(children).map((child) => ({ item: child, depth: depth + 1 }))
    for (const next of below.toReversed()) steps.push(next)
  }
  return nodes
}

/** By number, then by time; what has no number stands where its time is. */
function ordered(items: readonly Item[]): Item[] {
  const numbered = items.flatMap((item) => {
    const { task_path: path } = item.row
    return path === undefined ? [] : [{ item, numbers: path.split('/').map(Number) }]
  })
  if (numbered.length === 0) return [...items]
  const others = items.filter(({ row }) => row.task_path === undefined)
  const sorted: Item[] = []
  let next = 0
  for (const { item } of numbered.toSorted(byNumbers)) {
    for (; (others[next]?.row.at_ms ?? Infinity) < item.row.at_ms; next++) sorted.push(others[next] as Item)
    sorted.push(item)
  }
  return [...sorted, ...others.slice(next)]
}

interface Numbered {
  readonly item: Item
  readonly numbers: readonly number[]
}

function byNumbers(a: Numbered, b: Numbered): number {
  const differ = a.numbers.findIndex((number, i) => number !== b.numbers[i])
  if (differ >= 0) return (a.numbers[differ] as number) - (b.numbers[differ] ?? -1)
  return a.numbers.length - b.numbers.length || a.item.row.at_ms - b.item.row.at_ms
}

function outcomeOf({ task, unfinished, error, status, fields }: TreeRow): TaskOutcome {
  const ended: TaskWords['status'] = task?.status
  if (ended !== undefined) return ended
  if (task !== undefined || unfinished === true) return 'unfinished'
  if (fields?.['aborted'] === true) return 'cancelled'
  const hasFailed = error !== undefined || status === 'error' || Number(status) >= 500
  return hasFailed ? 'failed' : 'succeeded'
}
