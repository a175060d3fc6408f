/**
 * What was captured as trees, one for each trace: as text to read, as an outline to compare, and as nodes to walk.
 *
 * The same rows as everywhere (tree/): `text` is what `tracelog trace` prints.
 */
import type { TraceTree, TreeRow } from '../model/api.ts'
import type { Level } from '../model/severity.ts'
import { buildTree } from '../tree/build-tree.ts'
import { textOfTrace } from '../tree/text/render-trace.ts'
import type { TraceData } from '../tree/trace-data.ts'

export interface CapturedTree {
  /** As `tracelog trace` prints it, with times and durations: for people. */
  readonly text: string
  /** One line per node, indented, without times, ids and fields: the same in each run, for a snapshot. */
  readonly outline: string
  /** What nothing else stands above, in the order of time. */
  readonly roots: readonly CapturedNode[]
}

/** A span, or a line that was logged in it. */
export interface CapturedNode {
  readonly kind: 'span' | 'log'
  /** A task's goal, filled; a span's name; a line's text. */
  readonly name: string
  readonly service: string
  /** Of a task `succeeded`, `failed`, `cancelled`; of another span its HTTP status, the name of its gRPC status, or `error`. */
  readonly status: number | string | undefined
  /** Of a line. */
  readonly level: Level | undefined
  /** Of a span that has ended. */
  readonly durationMillis: number | undefined
  /** A span that was not captured, known from its lines. */
  readonly isInferred: boolean
  /** A line that the flight recorder brought. */
  readonly isRecovered: boolean
  readonly error: { readonly type: string; readonly message: string } | undefined
  readonly children: readonly CapturedNode[]
}

/** A node while its children are added. */
interface GrowingNode extends CapturedNode {
  readonly children: GrowingNode[]
}

/** @param traces  each with an id of its own; that of lines outside of traces is `''` */
export function capturedTree(traces: readonly TraceData[]): CapturedTree {
  const trees = traces.map(buildTree).filter((tree) => tree !== undefined)
  const roots = trees.flatMap(nodesOf)
  return {
    text: trees.map(textOfTrace).join('\n'),
    outline: roots.flatMap((root) => outlineOf(root, 0)).join('\n'),
    roots,
  }
}

/** Rows stand in reading order, each with its depth. */
function nodesOf({ rows }: TraceTree): readonly CapturedNode[] {
  const roots: GrowingNode[] = []
  const above: GrowingNode[] = []
  for (const row of rows) {
    if (row.kind === 'gap') continue
    const node = nodeOf(row)
    above.length = Math.min(above.length, row.depth)
    const siblings = above.at(-1)?.children ?? roots
    siblings.push(node)
    above.push(node)
  }
  return roots
}

function nodeOf(row: TreeRow): GrowingNode {
  const { error } = row
  return {
    kind: row.kind === 'log' ? 'log' : 'span',
    name: (row.kind === 'log' ? row.message : row.name) ?? '',
    service: row.service ?? '',
    status: row.status,
    level: row.level as Level | undefined,
    durationMillis: row.took_ms ?? undefined,
    isInferred: row.inferred === true,
    isRecovered: row.recovered === true,
    error: error && { type: error.type, message: error.message },
    children: [],
  }
}

function outlineOf(node: CapturedNode, depth: number): string[] {
  const { kind, name, level, status, isRecovered } = node
  const [line = ''] = name.split('\n', 1)
  const words = kind === 'log' ? [level, line, isRecovered ? '(recovered)' : ''] : [line, status]
  const text = words.filter((word) => word !== undefined && word !== '').join(' ')
  return ['  '.repeat(depth) + text, ...node.children.flatMap((child) => outlineOf(child, depth + 1))]
}
