/**
 * One happening with a duration: a span that was received, or one that its records, its callee or its caller tell of.
 */
import type { AnyValue } from '../model/any-value.ts'
import * as key from '../model/semconv.ts'
import { SPAN_KIND, type SpanRecord } from '../model/span-record.ts'
import { roundedMillis } from '../model/time.ts'
import type { TaskPart } from './task-part.ts'
import { timeOf, type Sender, type TraceLog } from './trace-data.ts'

const NANOS_PER_MILLI = 1_000_000

export interface TreeNode extends Sender {
  /** The span's id, or one made up for a look-up that has only its record. */
  readonly id: string
  /** `''` when nobody said. */
  parentId: string
  readonly span: SpanRecord | undefined
  /** The hop's completion record, or the end of a task: its fields are the row's. */
  completion: TraceLog | undefined
  /** Its other records, in order of time. */
  readonly logs: TraceLog[]
  /** Of a task. */
  task: TaskPart | undefined
  /** Where a task or request stands by its records' numbers; `''`: a root. Undefined when nobody said. */
  path: string | undefined
  parent: TreeNode | undefined
  readonly children: TreeNode[]
  /** Nanoseconds since the epoch, by the sender's clock. */
  start: bigint
  /** Undefined while no end was seen. */
  end: bigint | undefined
}

export function spanNode(span: SpanRecord, sender: Sender): TreeNode {
  const { spanId: id, parentSpanId: parentId, startTimeUnixNano: start, endTimeUnixNano } = span
  const end = endTimeUnixNano < start ? start : endTimeUnixNano
  return { ...madeNode(id, sender), parentId, span, start, end }
}

/** A node without a span; its times come with its records or children (`settleTimes`). */
export function madeNode(id: string, { service, instance, host }: Sender): TreeNode {
  return {
    id,
    service,
    instance,
    host,
    parentId: '',
    span: undefined,
    completion: undefined,
    logs: [],
    task: undefined,
    path: undefined,
    parent: undefined,
    children: [],
    start: 0n,
    end: undefined,
  }
}

/** So much earlier than its span may a request have begun: what was done before the span was there, in a cold process. Nanoseconds. */
const MAX_BEFORE_SPAN = BigInt(1_000 * NANOS_PER_MILLI)

/** A hop that tells how long it took began that long before its end; its span began a little later. */
function widenToCompletion(node: TreeNode): void {
  const took = toldMillis(node)
  if (took === undefined || node.end === undefined) return
  const start = node.end - BigInt(Math.round(took * NANOS_PER_MILLI))
  if (start < node.start && node.start - start <= MAX_BEFORE_SPAN) node.start = start
}

/** What a hop says itself of how long it took: the one number that all show. Others measure what they see. */
function toldMillis({ completion, instance }: TreeNode): number | undefined {
  if (completion === undefined || completion.instance !== instance) return undefined
  return durationIn(completion)
}

/** How long its record says that a hop or a task took. */
function durationIn(completion: TraceLog): number | undefined {
  const isTask = completion.record.eventName === key.EVENT_TASK_END
  const took = attributeOf(completion, isTask ? key.ATTR_ELAPSED_MS : key.ATTR_RESPONSE_TIME_MS)
  return typeof took === 'number' ? took : undefined
}

/** How long it took, with three decimals; `null` while it runs. */
export function tookMillis(node: TreeNode): number | null {
  if (node.end === undefined) return null
  return toldMillis(node) ?? roundedMillis(Number(node.end - node.start) / NANOS_PER_MILLI)
}

/** Gives a node without a span its times: from its completion record, else from the first thing known of it. */
export function settleTimes(node: TreeNode): void {
  if (node.span !== undefined) {
    widenToCompletion(node)
    return
  }
  const { from, to } = recordTimes(node)
  node.end = to
  const begun = node.task?.start === undefined && node.completion === undefined ? node.children : []
  const starts = [...(from === undefined ? [] : [from]), ...begun.map(({ start }) => start)]
  node.start = starts.reduce((first, time) => (time < first ? time : first), starts[0] ?? 0n)
}

interface Times {
  readonly from: bigint | undefined
  readonly to: bigint | undefined
}

/** From when to when, as its own records tell. */
function recordTimes({ task, completion, logs }: TreeNode): Times {
  const to = completion && timeOf(completion)
  if (task?.start !== undefined) return { from: timeOf(task.start), to }
  if (completion !== undefined && to !== undefined) {
    return { from: to - BigInt(Math.round((durationIn(completion) ?? 0) * NANOS_PER_MILLI)), to }
  }
  return { from: logs[0] && timeOf(logs[0]), to }
}

/** From when to when, before its children are known. */
export function roughTimes(node: TreeNode): { readonly from: bigint; readonly to: bigint | undefined } {
  if (node.span !== undefined) return { from: node.start, to: node.end }
  const { from = node.start, to } = recordTimes(node)
  return { from, to }
}

/** An attribute of the span or of the completion record; the record knows more. */
export function nodeAttribute(node: TreeNode, name: string): AnyValue | undefined {
  return (node.completion && attributeOf(node.completion, name)) ?? node.span?.attributes[name]
}

export function attributeOf({ record }: TraceLog, name: string): AnyValue | undefined {
  return record.attributes[name]
}

export function componentOf(node: TreeNode): key.Component {
  const said = nodeAttribute(node, key.ATTR_COMPONENT)
  const known = key.COMPONENTS.find((component) => component === said)
  if (known !== undefined) return known
  if (nodeAttribute(node, key.ATTR_CACHE_NAME) !== undefined) return 'cache'
  switch (node.span?.kind) {
    case SPAN_KIND.server:
      return 'http_server'
    case SPAN_KIND.client:
      return 'client'
    default:
      return 'app'
  }
}

/** Whether it serves a request that came over the wire. */
export function isServing(node: TreeNode): boolean {
  if (node.span !== undefined) return node.span.kind === SPAN_KIND.server || node.span.kind === SPAN_KIND.consumer
  return key.SERVED_EVENTS.includes(node.completion?.record.eventName ?? '')
}

/** Whether it waits for somebody else to serve. */
export function isCalling(node: TreeNode): boolean {
  return node.span?.kind === SPAN_KIND.client || isSending(node)
}

/** Whether it puts something into a queue: who takes it out does so whenever it comes to it. */
export function isSending(node: TreeNode): boolean {
  return node.span?.kind === SPAN_KIND.producer
}

/** The status of gRPC, if it is such a call. */
export function grpcCode(node: TreeNode): number | undefined {
  const code = nodeAttribute(node, key.ATTR_RPC_GRPC_STATUS_CODE)
  return typeof code === 'number' || typeof code === 'bigint' ? Number(code) : undefined
}

/** The HTTP status, if it has one. */
export function httpStatus(node: TreeNode): number | undefined {
  const status = nodeAttribute(node, key.ATTR_HTTP_RESPONSE_STATUS_CODE)
  return typeof status === 'number' ? status : undefined
}
