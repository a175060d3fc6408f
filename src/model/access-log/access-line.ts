/**
 * What a load balancer said of one request, and the hop's record that it stands for: `tracelog.lb.end`.
 *
 * The Collector does the same with `transform/load_balancer` of collector/receivers/; test/contract/access-lines/ holds the lines
 * that both are tested with. What a field does not say, or says in another form, is left out; nothing is guessed.
 */
import type { AnyValue } from '../any-value.ts'
import { readCacheStatus } from '../cache-status.ts'
import type { LogRecord } from '../log-record.ts'
import { redactQuery } from '../secrets/redact-query.ts'
import * as key from '../semconv.ts'
import { SEVERITY_ERROR, SEVERITY_INFO, SEVERITY_WARN } from '../severity.ts'
import { isSpanId, isTraceId } from '../trace-context.ts'

/** The fields of a line, by the names that our configurations give them. Text; absent or `''` = unknown. */
export type AccessField =
  | 'trace_id'
  | 'span_id'
  | 'parent_span_id'
  | 'trace_flags'
  | 'client_traceparent'
  | 'uid'
  | 'method'
  | 'scheme'
  | 'host'
  | 'path'
  | 'query'
  | 'protocol'
  | 'remote_addr'
  | 'user_agent'
  | 'status'
  | 'bytes_sent'
  | 'body_bytes_sent'
  | 'response_time_ms'
  | 'aborted'
  | 'cache_status'
  | 'upstream'
  | 'upstream_ms'
  | 'retries'
  | 'routing_ms'
  | 'backend'
  | 'server'
  | 'term_state'

export type AccessFields = Readonly<Partial<Record<AccessField, string>>>

export interface AccessLine {
  /** When the request ended. */
  readonly timeUnixNano: bigint
  readonly fields: AccessFields
  /** Every upstream that was tried, in order; `[]`: the proxy does not say. */
  readonly tried: readonly string[]
  /** The status of each, `-` for none. */
  readonly statuses: readonly string[]
}

type Fields = Record<string, AnyValue>

const FLAGS = /^[0-9a-f]{2}$/
const KNOWN_METHOD = /^(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|QUERY|TRACE)$/
/** A token of RFC 9110: anything else is no method, but what the proxy writes for a request that it could not read. */
const METHOD = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
const SCHEME = /^https?$/
const HOST = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/
const PROTOCOL = /^HTTP\/([0-9](?:\.[0-9])?)$/
const STATUS = /^[1-5][0-9]{2}$/
/** More digits are no measurement, and no safe integer. */
const INTEGER = /^[0-9]{1,15}$/
const DECIMAL = /^[0-9]{1,15}(?:\.[0-9]{1,15})?$/
const UPSTREAM = /^unix:.|^[^ ]+:[0-9]+$/

/** The record of a request at a load balancer. */
export function recordOfAccess(line: AccessLine, observedTimeUnixNano: bigint): LogRecord {
  const { fields } = line
  const attributes: Fields = { [key.ATTR_COMPONENT]: 'load_balancer' }
  const isTraced = isTraceId(fields.trace_id ?? '') && isSpanId(fields.span_id ?? '')
  addIds(attributes, fields, isTraced)
  addRequest(attributes, fields)
  addAnswer(attributes, fields)
  addUpstream(attributes, line)
  return {
    timeUnixNano: line.timeUnixNano,
    observedTimeUnixNano,
    ...severityOf(attributes),
    eventName: key.EVENT_LB_END,
    body: bodyOf(attributes, fields),
    attributes,
    traceId: isTraced ? fields.trace_id! : '',
    spanId: isTraced ? fields.span_id! : '',
    traceFlags: isTraced && FLAGS.test(fields.trace_flags ?? '') ? Number.parseInt(fields.trace_flags!, 16) : 0,
    droppedAttributesCount: 0,
  }
}

function addIds(attributes: Fields, fields: AccessFields, isTraced: boolean): void {
  if (isTraced && isSpanId(fields.parent_span_id ?? '')) attributes[key.ATTR_PARENT_SPAN_ID] = fields.parent_span_id!
  addText(attributes, key.ATTR_CLIENT_TRACEPARENT, fields.client_traceparent)
  addText(attributes, key.ATTR_LOG_RECORD_UID, isTraced ? `${fields.span_id}-lb` : fields.uid)
}

function addRequest(attributes: Fields, fields: AccessFields): void {
  const { method = '', host = '', scheme = '' } = fields
  if (KNOWN_METHOD.test(method)) attributes[key.ATTR_HTTP_REQUEST_METHOD] = method
  else if (METHOD.test(method)) {
    attributes[key.ATTR_HTTP_REQUEST_METHOD] = '_OTHER'
    attributes[key.ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = method
  }
  if (SCHEME.test(scheme)) attributes[key.ATTR_URL_SCHEME] = scheme
  addText(attributes, key.ATTR_URL_PATH, fields.path)
  addText(attributes, key.ATTR_URL_QUERY, redactQuery(fields.query ?? ''))
  const [, six, name, port] = HOST.exec(host) ?? []
  addText(attributes, key.ATTR_SERVER_ADDRESS, six ?? name)
  if (port !== undefined) attributes[key.ATTR_SERVER_PORT] = Number(port)
  addText(attributes, key.ATTR_CLIENT_ADDRESS, fields.remote_addr)
  addText(attributes, key.ATTR_USER_AGENT_ORIGINAL, fields.user_agent)
  const version = PROTOCOL.exec(fields.protocol ?? '')?.[1]
  addText(attributes, key.ATTR_NETWORK_PROTOCOL_VERSION, version?.replace(/^([23])\.0$/, '$1'))
}

function addAnswer(attributes: Fields, fields: AccessFields): void {
  addNumber(attributes, key.ATTR_HTTP_RESPONSE_STATUS_CODE, fields.status, STATUS)
  addNumber(attributes, key.ATTR_HTTP_RESPONSE_SIZE, fields.bytes_sent, INTEGER)
  addNumber(attributes, key.ATTR_HTTP_RESPONSE_BODY_SIZE, fields.body_bytes_sent, INTEGER)
  addNumber(attributes, key.ATTR_RESPONSE_TIME_MS, fields.response_time_ms, DECIMAL)
  if (fields.aborted === 'true') attributes[key.ATTR_ABORTED] = true
  const hit = readCacheStatus(fields.cache_status)
  if (hit !== undefined) attributes[key.ATTR_CACHE_HIT] = hit
  const status = attributes[key.ATTR_HTTP_RESPONSE_STATUS_CODE]
  if (typeof status === 'number' && status >= 500) attributes[key.ATTR_ERROR_TYPE] = String(status)
}

function addUpstream(attributes: Fields, { fields, tried, statuses }: AccessLine): void {
  if (UPSTREAM.test(fields.upstream ?? '')) attributes[key.ATTR_UPSTREAM] = fields.upstream!
  addNumber(attributes, key.ATTR_UPSTREAM_MS, fields.upstream_ms, DECIMAL)
  addNumber(attributes, key.ATTR_RETRIES, fields.retries, INTEGER)
  // Of a single attempt they would repeat `upstream` and the status.
  if (tried.length > 1) {
    attributes[key.ATTR_UPSTREAM_TRIED] = [...tried]
    attributes[key.ATTR_UPSTREAM_STATUSES] = [...statuses]
  }
  addNumber(attributes, key.ATTR_LB_ROUTING_MS, fields.routing_ms, DECIMAL)
  addText(attributes, key.ATTR_LB_BACKEND, fields.backend)
  addText(attributes, key.ATTR_LB_SERVER, fields.server)
  addText(attributes, key.ATTR_LB_TERM_STATE, fields.term_state)
}

function severityOf(attributes: Fields): Pick<LogRecord, 'severityNumber' | 'severityText'> {
  if (attributes[key.ATTR_ERROR_TYPE] !== undefined) return { severityNumber: SEVERITY_ERROR, severityText: 'ERROR' }
  if (attributes[key.ATTR_ABORTED] === true) return { severityNumber: SEVERITY_WARN, severityText: 'WARN' }
  return { severityNumber: SEVERITY_INFO, severityText: 'INFO' }
}

/** As our own HTTP hops say it: `GET /api/cart 200`. */
function bodyOf(attributes: Fields, { method = '', path = '', status = '' }: AccessFields): string {
  const hasStatus = attributes[key.ATTR_HTTP_RESPONSE_STATUS_CODE] !== undefined
  const outcome = hasStatus ? status : attributes[key.ATTR_ABORTED] === true ? 'aborted' : 'failed'
  const knownMethod = attributes[key.ATTR_HTTP_REQUEST_METHOD] === undefined ? '' : method
  return [knownMethod, path, outcome].filter((part) => part !== '').join(' ')
}

function addText(attributes: Fields, name: string, value: string | undefined): void {
  if (value !== undefined && value !== '') attributes[name] = value
}

function addNumber(attributes: Fields, name: string, value: string | undefined, form: RegExp): void {
  if (value !== undefined && form.test(value)) attributes[name] = Number(value)
}
