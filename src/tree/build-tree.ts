/**
 * One trace as a tree, from its records and spans together. Pure; the same rows for the page, the terminal and the API.
 */
import type { RequestRow, StripPart, TraceTree, TreeRow } from '../model/api.ts'
import { textOf } from '../model/flat-value.ts'
import * as key from '../model/semconv.ts'
import { formatTimestamp } from '../model/time.ts'
import { measureClocks, type Clocks } from './clocks.ts'
import { linkNodes, type LinkedTrace } from './link-nodes.ts'
import { httpStatus, nodeAttribute, tookMillis, type TreeNode } from './node.ts'
import { nodeError } from './row-fields.ts'
import { lineTime, toRows } from './rows.ts'
import { countsOf, firstError, mainRoot, outcomeOf, requestsOf, sentenceOf, servicesOf, titleOf } from './summary.ts'
import { timeOf, type TraceData } from './trace-data.ts'

/** @returns undefined when nothing is known of the trace */
export function buildTree(data: TraceData): TraceTree | undefined {
  const read = readTrace(data)
  if (read === undefined) return undefined
  const { linked, rows, start } = read
  const root = mainRoot(linked.roots)
  const duration = root === undefined ? 0 : tookMillis(root)
  const outcome = root === undefined ? 'ok' : outcomeOf(root)
  return {
    trace_id: data.traceId,
    sentence: root === undefined ? `${data.logs.length} lines without a span.` : sentenceOf(root, rows, duration),
    started_at: formatTimestamp(start),
    duration_ms: duration,
    outcome,
    services: servicesOf(rows),
    counts: countsOf(rows, linked.nodes, outcome),
    skew: read.clocks.skew,
    rows,
  }
}

/**
 * A row per request that came into the system: whose caller nobody reported, or is no request itself (a script, a job); or that
 * still runs, as far as its lines tell.
 */
export function buildRequests(data: TraceData): RequestRow[] {
  const read = readTrace(data)
  if (read === undefined) return []
  const requests = requestsOf(read.linked.roots)
  const [top, ...others] = read.linked.roots
  return requests.map((root) =>
    requestRow(data, root, root === top && others.length === 0 ? read : readBelow(read, root)),
  )
}

interface ReadTrace {
  readonly linked: LinkedTrace
  readonly clocks: Clocks
  readonly rows: readonly TreeRow[]
  readonly start: bigint
}

function readTrace(data: TraceData): ReadTrace | undefined {
  if (data.logs.length === 0 && data.spans.length === 0) return undefined
  const linked = linkNodes(data)
  const clocks = measureClocks(linked.roots)
  const start = firstTime(linked, clocks)
  return { linked, clocks, rows: toRows(linked, clocks, start), start }
}

/** A line may be older than its span: the first happening of all counts. */
function firstTime({ nodes, looseLogs }: LinkedTrace, clocks: Clocks): bigint {
  let first: bigint | undefined
  const take = (time: bigint): void => {
    if (first === undefined || time < first) first = time
  }
  for (const log of looseLogs) take(timeOf(log))
  for (const node of nodes) {
    take(clocks.startOf(node))
    for (const log of node.logs) take(lineTime(log, node, clocks))
  }
  return first ?? 0n
}

/** The part of a trace below one of its roots. */
function readBelow({ linked, clocks }: ReadTrace, root: TreeNode): ReadTrace {
  const nodes = linked.nodes.filter((node) => isBelow(node, root))
  const part = { roots: [root], nodes, looseLogs: [] }
  const start = clocks.startOf(root)
  return { linked: part, clocks, rows: toRows(part, clocks, start), start }
}

function isBelow(node: TreeNode, root: TreeNode): boolean {
  let at: TreeNode | undefined = node
  while (at !== undefined && at !== root) at = at.parent
  return at === root
}

function requestRow(data: TraceData, root: TreeNode, { linked, clocks, rows }: ReadTrace): RequestRow {
  const outcome = outcomeOf(root)
  const cause = outcome === 'ok' ? undefined : (firstError(rows)?.error ?? nodeError(root))
  const text = (name: string): string | undefined => textOf(nodeAttribute(root, name)) || undefined
  const hit = nodeAttribute(root, key.ATTR_CACHE_HIT)
  const fields = {
    method: text(key.ATTR_HTTP_REQUEST_METHOD),
    path: text(key.ATTR_URL_PATH) ?? titleOf(root),
    route: text(key.ATTR_HTTP_ROUTE),
    status: httpStatus(root),
    error_type: cause?.type,
    error_message: cause?.message || undefined,
    cache_hit: typeof hit === 'boolean' ? hit : undefined,
  }
  return {
    trace_id: data.traceId,
    span_id: root.id,
    started_at: formatTimestamp(clocks.startOf(root)),
    duration_ms: tookMillis(root),
    outcome,
    ...(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<RequestRow>),
    services: servicesOf(rows),
    counts: countsOf(rows, linked.nodes, outcome),
    strip: stripOf(root, rows),
  }
}

/** Services, gaps and errors as shares of the request's time. */
function stripOf(root: TreeNode, rows: readonly TreeRow[]): StripPart[] {
  const total = tookMillis(root)
  if (total === null || total === 0) return []
  const offset = rows.find(({ span_id: id }) => id === root.id)?.at_ms ?? 0
  const share = (value: number): number => Math.min(1, Math.max(0, value / total))
  return rows.flatMap((row): StripPart[] => {
    const at = share(row.at_ms - offset)
    const length = Math.min(1 - at, share(row.took_ms ?? 0))
    if (row.kind === 'span') return [{ kind: 'service', ...(row.service ? { service: row.service } : {}), at, length }]
    if (row.kind === 'gap') return length > 0.01 ? [{ kind: 'gap', at, length }] : []
    return row.error === undefined
      ? []
      : [{ kind: 'error', ...(row.service ? { service: row.service } : {}), at, length: 0 }]
  })
}
