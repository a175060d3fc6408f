/**
 * Where the nodes of the map stand: callers left of whom they call, in columns; within one column near those that call them. Pure.
 */
import type { MapEdge, MapNode } from '../../../model/api.ts'

export interface Placed {
  readonly node: MapNode
  readonly x: number
  readonly y: number
}
export interface Drawn {
  readonly edge: MapEdge
  /** Of an SVG path. */
  readonly path: string
  /** Where its figures stand. */
  readonly at: readonly [x: number, y: number]
}
export interface MapLayout {
  readonly nodes: readonly Placed[]
  readonly edges: readonly Drawn[]
  readonly width: number
  readonly height: number
}

export const NODE_WIDTH = 168
export const NODE_HEIGHT = 52
const COLUMN = 300
const ROW = 84
const MARGIN = 16
/** Sweeps over the columns: more of them move nothing worth seeing. */
const SWEEPS = 4

export function layoutOf(nodes: readonly MapNode[], edges: readonly MapEdge[]): MapLayout {
  const columns = columnsOf(nodes, edges)
  const tallest = Math.max(1, ...columns.map(({ length }) => length))
  const placed = new Map<string, Placed>()
  for (const [column, members] of columns.entries()) {
    const top = MARGIN + ((tallest - members.length) * ROW) / 2
    for (const [row, node] of members.entries()) {
      placed.set(node.service, { node, x: MARGIN + column * COLUMN, y: top + row * ROW })
    }
  }
  const drawn = edges.flatMap((edge) => {
    const [from, to] = [placed.get(edge.from), placed.get(edge.to)]
    return from === undefined || to === undefined ? [] : [drawnOf(edge, from, to)]
  })
  return {
    nodes: [...placed.values()],
    edges: drawn,
    width: 2 * MARGIN + Math.max(0, columns.length - 1) * COLUMN + NODE_WIDTH,
    height: 2 * MARGIN + (tallest - 1) * ROW + NODE_HEIGHT + MARGIN,
  }
}

/** From left to right; calls back to an earlier column are drawn as such. */
function columnsOf(nodes: readonly MapNode[], edges: readonly MapEdge[]): MapNode[][] {
  const depth = depthsOf(nodes, edges)
  const columns: MapNode[][] = []
  for (const node of nodes) (columns[depth.get(node.service) ?? 0] ??= []).push(node)
  const filled = columns.filter((column) => column !== undefined)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let column = 1; column < filled.length; column++) order(filled, column, edges)
  }
  return filled
}

/** The longest way from a node that nobody calls, without going round: an edge back to where one comes from does not count. */
function depthsOf(nodes: readonly MapNode[], edges: readonly MapEdge[]): ReadonlyMap<string, number> {
  const called = Map.groupBy(
    edges.filter(({ from, to }) => from !== to),
    ({ from }) => from,
  )
  const back = backEdges(nodes, called)
  const waiting = new Map<string, number>(nodes.map(({ service }) => [service, 0]))
  for (const { from, to } of edges) {
    if (from !== to && !back.has(`${from}\n${to}`)) waiting.set(to, (waiting.get(to) ?? 0) + 1)
  }
  const depth = new Map<string, number>()
  const ready = nodes.filter(({ service }) => waiting.get(service) === 0).map(({ service }) => service)
  for (let service = ready.shift(); service !== undefined; service = ready.shift()) {
    const own = depth.get(service) ?? 0
    depth.set(service, own)
    for (const { to } of called.get(service) ?? []) {
      if (back.has(`${service}\n${to}`)) continue
      depth.set(to, Math.max(depth.get(to) ?? 0, own + 1))
      const left = (waiting.get(to) ?? 1) - 1
      waiting.set(to, left)
      if (left === 0) ready.push(to)
    }
  }
  return depth
}

function backEdges(nodes: readonly MapNode[], called: ReadonlyMap<string, readonly MapEdge[]>): ReadonlySet<string> {
  const back = new Set<string>()
  const seen = new Map<string, 'open' | 'done'>()
  const visit = (service: string): void => {
    seen.set(service, 'open')
    for (const { to } of called.get(service) ?? []) {
      if (seen.get(to) === 'open') back.add(`${service}\n${to}`)
      else if (!seen.has(to)) visit(to)
    }
    seen.set(service, 'done')
  }
  // Those that nobody calls come first, so that a circle is cut where it leads back to them.
  const targets = new Set([...called.values()].flat().map(({ to }) => to))
  const sorted = [...nodes].toSorted((a, b) => Number(targets.has(a.service)) - Number(targets.has(b.service)))
  for (const { service } of sorted) if (!seen.has(service)) visit(service)
  return back
}

/** By the mean place of those that call them. */
function order(columns: MapNode[][], column: number, edges: readonly MapEdge[]): void {
  const places = new Map(columns.flatMap((members) => members.map(({ service }, row) => [service, row] as const)))
  const mean = new Map(
    (columns[column] ?? []).map(({ service }, own) => {
      const rows = edges.flatMap(({ from, to }) => (to === service && from !== to ? (places.get(from) ?? []) : []))
      return [service, rows.length === 0 ? own : rows.reduce((sum, row) => sum + row, 0) / rows.length]
    }),
  )
  columns[column] = (columns[column] ?? []).toSorted((a, b) => (mean.get(a.service) ?? 0) - (mean.get(b.service) ?? 0))
}

function drawnOf(edge: MapEdge, from: Placed, to: Placed): Drawn {
  const middle = NODE_HEIGHT / 2
  if (from === to) {
    const [x, y] = [from.x + NODE_WIDTH, from.y + middle]
    return { edge, path: `M ${x} ${y - 8} C ${x + 46} ${y - 34} ${x + 46} ${y + 34} ${x} ${y + 8}`, at: [x + 40, y] }
  }
  const isBack = to.x <= from.x
  const [x1, y1] = [isBack ? from.x : from.x + NODE_WIDTH, from.y + middle]
  const [x2, y2] = [isBack ? to.x + NODE_WIDTH : to.x, to.y + middle]
  const bend = isBack && to.x === from.x ? -60 : (x2 - x1) / 2
  const end = isBack && to.x === from.x ? to.x : x2
  const back = isBack && to.x === from.x ? -60 : -(x2 - x1) / 2
  return {
    edge,
    path: `M ${x1} ${y1} C ${x1 + bend} ${y1} ${end + back} ${y2} ${end} ${y2}`,
    at: [(x1 + end) / 2 + (bend < 0 && end === x1 ? -45 : 0), (y1 + y2) / 2],
  }
}
