/**
 * What a row of a trace says, in words: the same on the terminal and on the page. Texts as they were logged, not yet safe for a screen.
 */
import type { TaskWords, TreeRow } from './api.ts'
import { causesOf, isCauseKey } from './error-causes.ts'
import { ATTR_GRAPHQL_OPERATION_NAME } from './semconv.ts'

type Fields = Readonly<Record<string, unknown>>

/** `GET /api/cart`, `GET api.stripe.com/v1/charges`, `GET cart:*`, `shop.Cart/Add`, a task's goal, or the span's name. */
export function rowTitle(row: TreeRow): string {
  if (row.task !== undefined) return taskTitle(row.task)
  if (row.component === 'cache') return cacheTitle(row)
  const { method, path } = row.fields ?? {}
  const { 'rpc.service': service, 'rpc.method': called } = row.fields ?? {}
  if (typeof service === 'string' && typeof called === 'string') return `${service}/${called}`
  if (typeof method !== 'string') return row.name ?? '(no name)'
  const target = row.component === 'client' ? calledTarget(row.fields ?? {}) : path
  return typeof target === 'string' && target !== '' ? `${method} ${target}` : (row.name ?? method)
}

/** Whom a CLIENT span calls, and what for: host and path, without the scheme, logins and the query. */
export function calledTarget(fields: Fields): string | undefined {
  const url = fields['url.full'] ?? fields['http.url']
  if (typeof url === 'string' && url.includes('://')) return targetOfUrl(url)
  const { 'server.address': host, 'server.port': port, path } = fields
  if (typeof host !== 'string' || host === '') return typeof path === 'string' ? path : undefined
  const isUsual = typeof port !== 'number' || port === 80 || port === 443
  return `${host}${isUsual ? '' : `:${port}`}${typeof path === 'string' ? path : ''}`
}

function targetOfUrl(url: string): string {
  const rest = url.slice(url.indexOf('://') + 3)
  const end = rest.search(/[?#]/)
  const place = end < 0 ? rest : rest.slice(0, end)
  const slash = place.indexOf('/')
  const host = slash < 0 ? place : place.slice(0, slash)
  const path = slash < 0 ? '' : place.slice(slash)
  return host.slice(host.lastIndexOf('@') + 1) + (path === '/' ? '' : path)
}

function cacheTitle(row: TreeRow): string {
  const { cache_op: op, cache_key: key, cache_name: name } = row.fields ?? {}
  if (typeof op !== 'string') return row.name ?? 'cache'
  const of = key ?? name
  return typeof of === 'string' ? `${op.toUpperCase()} ${of}` : op.toUpperCase()
}

function taskTitle({ goal, message = '' }: TaskWords): string {
  return message === '' ? goal : `${goal}: ${message}`
}

/** What is unusual of a task: `unfinished, 40 of 100`, `incomplete: 2 missing`, `1 line below the level`. */
export function taskNotes({ task, inferred }: TreeRow): string[] {
  if (task === undefined) return []
  const { missing = 0, not_sent: notSent = 0 } = task
  return [
    task.status === undefined ? unfinishedText(task) : '',
    missing > 0 ? `incomplete: ${missing} missing` : '',
    notSent > 0 ? notSentText(notSent, inferred === true) : '',
    task.orphan === true ? 'orphan' : '',
  ].filter((note) => note !== '')
}

function unfinishedText({ done, total }: TaskWords): string {
  if (done === undefined) return 'unfinished'
  return total === undefined ? `unfinished, ${done} done` : `unfinished, ${done} of ${total}`
}

/** Without spans nobody knows which of them were calls. */
function notSentText(count: number, isWithoutSpan: boolean): string {
  if (isWithoutSpan) return `${count} not sent`
  return `${count} ${count === 1 ? 'line' : 'lines'} below the level`
}

/** The status; of a call that got none the error's own word: `ECONNREFUSED`. */
export function rowOutcome({ status, error }: TreeRow): string {
  if (status === undefined) return ''
  return status === 'error' && error !== undefined && error.type !== '' ? error.type : String(status)
}

/** What a span's row tells of its error beside its outcome. A 5xx has its status for a type: that is said already. */
export function rowError(row: TreeRow): string {
  const { error } = row
  if (error === undefined) return ''
  const isSaid = error.type === rowOutcome(row)
  if (isSaid) return withCauses(error.message, error.causes)
  return withCauses(error.message === '' ? error.type : `${error.type}: ${error.message}`, error.causes)
}

/** On a span's row only what tells one request from another; the rest is in JSON. */
export function spanFields(row: TreeRow): Record<string, unknown> {
  const fields = row.fields ?? {}
  const isCache = row.component === 'cache'
  return {
    [ATTR_GRAPHQL_OPERATION_NAME]: fields[ATTR_GRAPHQL_OPERATION_NAME],
    cache_name: isCache && fields['cache_key'] !== undefined ? fields['cache_name'] : undefined,
    cache_hit: isCache ? undefined : fields['cache_hit'],
    db_calls: fields['db_calls'],
    attempt: Number(fields['attempt'] ?? 1) > 1 ? fields['attempt'] : undefined,
    queued_ms: fields['queued_ms'],
    retries: Number(fields['retries'] ?? 0) > 0 ? fields['retries'] : undefined,
    aborted: fields['aborted'] === true ? true : undefined,
  }
}

/** A message that is the stack itself (`console.error(error)`): the stack has its own lines. */
export function messageWithoutStack({ message = '', error }: TreeRow): string {
  const isStack = error?.stack !== undefined && message.includes('\n    at ')
  return isStack ? message.slice(0, message.indexOf('\n    at ')) : message
}

interface SaidError {
  readonly type?: string | undefined
  readonly message?: string | undefined
  readonly causes?: readonly string[] | undefined
}

/** The error that a flat row tells of. */
export function errorInFields(row: Fields): SaidError {
  const { error_type: type, error_message: message } = row
  const causes = causesOf(row)
  if (typeof message !== 'string') return { causes }
  return typeof type === 'string' ? { type, message, causes } : { message, causes }
}

/**
 * Message, error and what caused it as one text: the error is added unless the message tells it already.
 *
 * @returns also the keys of `fields` that it tells, so that they are not repeated
 */
export function messageWithError(
  message: string,
  error: SaidError | undefined,
  fields: Fields = {},
): { text: string; said: ReadonlySet<string> } {
  const { type = '', message: reason = '', causes = [] } = error ?? {}
  const told = causes.filter((cause) => !message.includes(cause))
  const causeKeys = causes.length === 0 ? [] : Object.keys(fields).filter(isCauseKey)
  if (reason === '') return { text: withCauses(message, told), said: new Set(causeKeys) }
  const whole = type === '' ? reason : `${type}: ${reason}`
  const text = message === reason ? whole : message.includes(reason) ? message : `${message}  ${whole}`
  return { text: withCauses(text, told), said: new Set(['error_type', 'error_message', ...causeKeys]) }
}

export function withCauses(text: string, causes: readonly string[] = []): string {
  return [text, ...causes].filter((part) => part !== '').join(', caused by ')
}
