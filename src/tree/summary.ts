/**
 * A trace in short: how it ended, its sentence, its counts, which services it reached.
 */
import type { Counts, Outcome, TreeRow } from '../model/api.ts'
import { textOf } from '../model/flat-value.ts'
import { calledTarget, withCauses } from '../model/row-words.ts'
import * as key from '../model/semconv.ts'
import { STATUS_CODE } from '../model/span-record.ts'
import { attributeOf, httpStatus, isServing, nodeAttribute, type TreeNode } from './node.ts'
import { tenths } from './rows.ts'
import { taskStatus, taskWords } from './task-words.ts'

/** The requests that came into the system: served, and not for another request of the trace. In order of reading. */
export function servedFirst(roots: readonly TreeNode[]): TreeNode[] {
  const found: TreeNode[] = []
  const stack = roots.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (isServing(node)) found.push(node)
    else stack.push(...node.children.toReversed())
  }
  return found
}

/**
 * The requests of `servedFirst` and the tasks that no request and no other task is above; of a trace that has none, what may be a
 * request that still runs: a process that tells the end of each request has written lines in a span, and no end of it was seen. Of
 * several spans the first: the others are within it.
 */
export function requestsOf(roots: readonly TreeNode[]): TreeNode[] {
  const served = servedFirst(roots)
  const running = served.length > 0 ? [] : roots.filter((root) => root.task === undefined && isOpen(root)).slice(0, 1)
  return [...tasksFirst(roots.filter((root) => !running.includes(root))), ...served, ...running]
}

function tasksFirst(roots: readonly TreeNode[]): TreeNode[] {
  const found: TreeNode[] = []
  const stack = roots.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (isServing(node)) continue
    if (node.task !== undefined) found.push(node)
    else stack.push(...node.children.toReversed())
  }
  return found
}

function isOpen({ span, completion, logs, children }: TreeNode): boolean {
  if (span !== undefined || completion !== undefined) return false
  const known = [...logs, ...children.flatMap((child) => child.completion ?? [])]
  return known.some((log) => attributeOf(log, key.ATTR_SEQ) !== undefined)
}

/** What the trace is about: the request that came in first, or a task that is no request's; else the first happening. */
export function mainRoot(roots: readonly TreeNode[]): TreeNode | undefined {
  for (const root of roots) {
    const [first] = root.task === undefined ? servedFirst([root]) : [root]
    if (first !== undefined) return first
  }
  return roots[0]
}

export function outcomeOf(root: TreeNode): Outcome {
  const status = httpStatus(root) ?? 0
  if (root.end === undefined) return 'running'
  const ended = taskStatus(root)
  if (ended === 'failed') return 'error'
  if (nodeAttribute(root, key.ATTR_ABORTED) === true || ended === 'cancelled') return 'aborted'
  if (status >= 500 || root.span?.statusCode === STATUS_CODE.error) return 'error'
  return status >= 400 ? 'client_error' : 'ok'
}

/** `GET /api/cart → 500 in 41.2 ms: TypeError: cart is undefined in web, 12.5 ms into the request.` */
export function sentenceOf(root: TreeNode, rows: readonly TreeRow[], durationMillis: number | null): string {
  const cause = outcomeOf(root) === 'ok' ? undefined : firstError(rows)
  const tail =
    cause?.error === undefined
      ? '.'
      : `: ${errorText(cause.error)} in ${cause.service ?? root.service}, ${tenths(cause.at_ms - startOf(root, rows))} ms into the request.`
  return `${titleOf(root)} → ${endOf(root, durationMillis)}${tail}`
}

/** When the root's own row stands, milliseconds since the first happening. */
function startOf(root: TreeNode, rows: readonly TreeRow[]): number {
  return rows.find(({ kind, span_id: id }) => kind === 'span' && id === root.id)?.at_ms ?? 0
}

/** `GET /api/cart`, `GET api.stripe.com/v1/charges`, or the span's name. */
export function titleOf(root: TreeNode): string {
  const method = textOf(nodeAttribute(root, key.ATTR_HTTP_REQUEST_METHOD))
  const target = textOf(nodeAttribute(root, key.ATTR_URL_PATH)) || (calledTarget(root.span?.attributes ?? {}) ?? '')
  if (method !== '' && target !== '') return `${method} ${target}`
  const goal = taskWords(root)?.goal
  if (goal !== undefined) return goal
  const destination = textOf(nodeAttribute(root, key.ATTR_MESSAGING_DESTINATION_NAME))
  return root.span?.name ?? (destination === '' ? 'a request' : `process ${destination}`)
}

function endOf(root: TreeNode, durationMillis: number | null): string {
  if (durationMillis === null) return 'still running'
  const took = `${tenths(durationMillis)} ms`
  const outcome = outcomeOf(root)
  const ended = taskStatus(root)
  if (ended !== undefined) return `${ended} in ${took}`
  if (outcome === 'aborted') return `aborted by the client after ${took}`
  return `${httpStatus(root) ?? outcome} in ${took}`
}

/** The error that says most: the first with a text, records before spans (they carry the stack). */
export function firstError(rows: readonly TreeRow[]): TreeRow | undefined {
  const failed = rows.filter(({ error }) => error !== undefined && error.message !== '')
  return failed.find(({ kind }) => kind === 'log') ?? failed.at(-1)
}

function errorText({ type, message, causes }: NonNullable<TreeRow['error']>): string {
  const [line = ''] = message.split('\n', 1)
  return withCauses(line.startsWith(type) ? line : `${type}: ${line}`, causes)
}

/** In the order in which the request reached them. */
export function servicesOf(rows: readonly TreeRow[]): string[] {
  return [...new Set(rows.flatMap(({ service }) => (service === undefined || service === '' ? [] : [service])))]
}

/** Lines are those that have a row: a hop's completion record is its span's. */
export function countsOf(rows: readonly TreeRow[], nodes: readonly TreeNode[], outcome: Outcome): Counts {
  const spanRows = rows.filter(({ kind }) => kind === 'span')
  const failedLines = rows.filter(
    ({ kind, level }) => kind === 'log' && (level === 'ERROR' || level === 'FATAL'),
  ).length
  const failedLookUps = spanRows.filter(({ component, error }) => component === 'cache' && error !== undefined).length
  const hasFailedMessage = spanRows.some(
    ({ fields, error }) => fields?.['message_system'] !== undefined && error !== undefined,
  )
  return {
    spans: nodes.length,
    inferred: spanRows.filter(({ inferred }) => inferred === true).length,
    logs: rows.filter(({ kind }) => kind === 'log').length,
    errors: Math.max(failedLines + failedLookUps, outcome === 'error' || hasFailedMessage ? 1 : 0),
    recovered: rows.filter(({ recovered }) => recovered === true).length,
  }
}
