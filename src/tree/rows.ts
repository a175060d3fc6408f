/**
 * A linked trace as rows in reading order: time, then cause before effect, then the sender's own count.
 *
 * A CLIENT span that only stands between two services is told as the gap between them; every other span, and every record that
 * is not a hop's completion record, has a row of its own.
 */
import type { TreeRow } from '../model/api.ts'
import { grpcCodeName } from '../model/grpc-call.ts'
import * as key from '../model/semconv.ts'
import { levelOfSeverity, severityOf } from '../model/severity.ts'
import { STATUS_CODE } from '../model/span-record.ts'
import { textOf } from '../model/flat-value.ts'
import type { Clocks } from './clocks.ts'
import type { LinkedTrace } from './link-nodes.ts'
import {
  componentOf,
  grpcCode,
  httpStatus,
  isCalling,
  isSending,
  isServing,
  nodeAttribute,
  tookMillis,
  type TreeNode,
} from './node.ts'
import { logError, logFields, nodeError, nodeFields } from './row-fields.ts'
import { isBuffered, isLate } from './task-part.ts'
import { taskStatus, taskWords } from './task-words.ts'
import { isSameHost, timeOf, type TraceLog } from './trace-data.ts'

const NANOS_PER_MILLI = 1_000_000
/** Three decimals: what the clocks of Node give. */
const MICROS = 1_000

interface Step {
  readonly at: bigint
  readonly depth: number
  readonly log?: TraceLog
  readonly node?: TreeNode
  readonly parent?: TreeNode
}

/** @param start  the first happening of the trace; `at_ms` counts from it */
export function toRows({ roots, looseLogs }: LinkedTrace, clocks: Clocks, start: bigint): TreeRow[] {
  const rows: TreeRow[] = []
  const at = (time: bigint): number => millis(Number(time - start))
  const steps = inOrder([
    ...roots.map((node) => ({ at: shownStart(node, clocks), depth: 0, node })),
    ...looseLogs.map((log) => ({ at: timeOf(log), depth: 0, log })),
  ]).toReversed()
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { node, log, depth } = step
    if (log !== undefined) rows.push(logRow(step, at(step.at), clocks))
    if (node === undefined) continue
    const callee = onlyCallee(node)
    if (callee === undefined) {
      rows.push(...gapRows(step, clocks, at), spanRow(node, depth, at(step.at), clocks))
      steps.push(...stepsBelow(node, depth + 1, clocks).toReversed())
    } else steps.push({ at: step.at, depth, node: callee, parent: node })
  }
  return rows
}

/** What stands below a node, in reading order. */
function stepsBelow(node: TreeNode, depth: number, clocks: Clocks): Step[] {
  return inOrder([
    ...node.logs.map((log) => ({ at: lineTime(log, node, clocks), depth, log, parent: node })),
    ...node.children.map((child) => ({ at: shownStart(child, clocks), depth, node: child, parent: node })),
  ])
}

/** When the row stands that a node has: of a call that is told as a gap, its callee's. Siblings are in the order that is shown. */
function shownStart(node: TreeNode, clocks: Clocks): bigint {
  return clocks.startOf(onlyCallee(node) ?? node)
}

/** Loggers cut their times to the millisecond: a line is not before the span that it was written in for that alone. */
export function lineTime(log: TraceLog, node: TreeNode, clocks: Clocks): bigint {
  const time = clocks.correct(timeOf(log), node)
  const start = clocks.startOf(node)
  return time < start && start - time < BigInt(NANOS_PER_MILLI) ? start : time
}

/** Stable: records come in the order of their sender's count already. */
function inOrder(steps: readonly Step[]): Step[] {
  return steps.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

/** The one served request that a CLIENT span stands for: then the call is the gap before it. */
function onlyCallee(node: TreeNode): TreeNode | undefined {
  const [callee, ...others] = node.children
  if (callee === undefined || others.length > 0 || node.logs.length > 0) return undefined
  if (!isCalling(node) || !isServing(callee) || componentOf(node) === 'cache') return undefined
  // A call that failed although the callee answered (cut off, timed out) is a story of its own.
  const isSameAnswer = (httpStatus(node) ?? 0) >= 400 || (grpcCode(node) ?? -1) === grpcCode(callee)
  const hasFailedAlone = hasError(node) && !hasError(callee) && !isSameAnswer
  return hasFailedAlone ? undefined : callee
}

function hasError(node: TreeNode): boolean {
  return node.span?.statusCode === STATUS_CODE.error || (httpStatus(node) ?? 0) >= 500
}

/** The time between a caller and what it called, where the call has no row of its own or another service answers. */
function gapRows({ node, parent, depth }: Step, clocks: Clocks, at: (time: bigint) => number): TreeRow[] {
  if (node === undefined || parent === undefined || !isCalling(parent) || !isServing(node)) return []
  const from = clocks.startOf(parent)
  const took = Math.max(0, millis(Number(clocks.startOf(node) - from)))
  const bound = clocks.boundOf(parent, node)
  // Two processes of one machine have one clock.
  const agreement = bound === undefined || isSameHost(parent, node) ? '' : ` (clocks agree within ${tenths(bound)} ms)`
  return [
    {
      kind: 'gap',
      depth,
      at_ms: at(from),
      took_ms: took,
      service: parent.service,
      span_id: parent.id,
      ...optional('parent_span_id', parent.parentId || undefined),
      name: parent.span?.name ?? '',
      message: `${tenths(took)} ms ${wayBetween(parent, node)}${agreement}`,
      ...optional('ahead_ms', aheadMillis(parent, clocks)),
    },
  ]
}

/** Between two services, or in the queue that stands between them. */
function wayBetween(parent: TreeNode, node: TreeNode): string {
  const queue = isSending(parent) ? textOf(nodeAttribute(parent, key.ATTR_MESSAGING_DESTINATION_NAME)) : ''
  if (queue === '') return `between ${parent.service} and ${node.service}`
  return `in ${queue}, from ${parent.service} to ${node.service}`
}

function spanRow(node: TreeNode, depth: number, atMillis: number, clocks: Clocks): TreeRow {
  const component = componentOf(node)
  const isLookUp = component === 'cache'
  const error = nodeError(node)
  const task = taskWords(node)
  return {
    kind: 'span',
    depth,
    at_ms: atMillis,
    // A cache says nothing itself: it is known from who asked it.
    service: isLookUp ? textOf(nodeAttribute(node, key.ATTR_CACHE_NAME)) || 'cache' : node.service,
    component,
    span_id: node.id,
    ...optional('parent_span_id', node.parentId || undefined),
    name: task?.goal ?? nameOf(node),
    ...optional('fields', nodeFields(node)),
    took_ms: tookMillis(node),
    ...optional('self_ms', selfMillis(node, clocks)),
    ...optional('status', statusOf(node)),
    ...optional('task', task),
    ...optional('task_path', node.path || undefined),
    ...flag('inferred', node.span === undefined || isLookUp),
    ...flag('unfinished', node.end === undefined),
    ...optional('error', error),
    ...optional('ahead_ms', aheadMillis(node, clocks)),
  }
}

/** By how much a sender's clock was found to be ahead: its rows have been moved back by so much. */
function aheadMillis(sender: TreeNode | undefined, clocks: Clocks): number | undefined {
  if (sender === undefined) return undefined
  const moved = sender.start - clocks.correct(sender.start, sender)
  return moved === 0n ? undefined : millis(Number(moved))
}

/** Traces have many lines: no object is made for what a line has not. */
function logRow({ log, depth, parent }: Step, atMillis: number, clocks: Clocks): TreeRow {
  const { record, service, id } = log as TraceLog
  const row: Writable<TreeRow> = { kind: 'log', depth, at_ms: atMillis, service }
  if (record.spanId !== '') row.span_id = record.spanId
  if (id !== '') row.log_id = id
  row.level = levelOfSeverity(severityOf(record.severityNumber, record.severityText))
  row.message = record.body === undefined ? record.eventName : textOf(record.body)
  const fields = logFields(log as TraceLog)
  if (fields !== undefined) row.fields = fields
  if (isBuffered(log as TraceLog)) row.recovered = true
  if (isLate(log as TraceLog)) row.late = true
  const error = logError(log as TraceLog)
  if (error !== undefined) row.error = error
  const ahead = aheadMillis(parent, clocks)
  if (ahead !== undefined) row.ahead_ms = ahead
  return row
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function nameOf(node: TreeNode): string {
  if (node.span !== undefined) return node.span.name
  const [method, route, path, op, destination] = [
    key.ATTR_HTTP_REQUEST_METHOD,
    key.ATTR_HTTP_ROUTE,
    key.ATTR_URL_PATH,
    key.ATTR_CACHE_OP,
    key.ATTR_MESSAGING_DESTINATION_NAME,
  ].map((name) => textOf(nodeAttribute(node, name)))
  if (op !== '' && op !== undefined) return op
  if (destination !== '' && destination !== undefined) return `process ${destination}`
  return [method, route || path].filter((part) => part !== '').join(' ') || 'span not received'
}

function statusOf(node: TreeNode): number | string | undefined {
  const status = httpStatus(node)
  if (status !== undefined) return status
  const code = grpcCode(node)
  if (code !== undefined) return grpcCodeName(code)
  const ended = taskStatus(node)
  if (ended !== undefined) return ended
  return node.span?.statusCode === STATUS_CODE.error ? 'error' : undefined
}

/** Its own time: without what its children (of any process) took, counted once where they overlap. */
function selfMillis(node: TreeNode, clocks: Clocks): number | undefined {
  if (node.end === undefined) return undefined
  const from = clocks.startOf(node)
  const to = clocks.correct(node.end, node)
  let covered = 0n
  let reached = from
  const begun = node.children.map((child) => ({ child, at: clocks.startOf(child) }))
  for (const { child, at } of begun.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    const begin = max(at, reached)
    const end = min(clocks.correct(child.end ?? to, child), to)
    if (end <= begin) continue
    covered += end - begin
    reached = end
  }
  return millis(Number(to - from - covered))
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)

export function millis(nanos: number): number {
  return Math.round((nanos / NANOS_PER_MILLI) * MICROS) / MICROS
}

/** One decimal, as in a sentence. */
export function tenths(value: number): string {
  return value.toFixed(1)
}

function optional<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<K, V>>
}

function flag<K extends string>(name: K, isSet: boolean): Partial<Record<K, true>> {
  return (isSet ? { [name]: true } : {}) as Partial<Record<K, true>>
}
