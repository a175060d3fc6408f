/**
 * What every source holds in the contract: a shop's records and one request through three services, the same for all.
 *
 * Only what every source can give back: keys of the flat line, text under names that need no folding, no empty values. The text
 * of each record ends in its number, so that a result can be told in one line.
 */
import type { LogRow } from '../../src/model/api.ts'
import type { Attributes } from '../../src/model/any-value.ts'
import { toLogRow } from '../../src/model/log-row.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import type { ResourceLogs, ResourceSpans } from '../../src/model/otlp-data.ts'
import { logsToJson, tracesToJson } from '../../src/model/otlp-json.ts'
import { SPAN_KIND, type SpanRecord } from '../../src/model/span-record.ts'

const LEVELS = [
  [5, 'debug'],
  [9, 'info'],
  [13, 'warn'],
  [17, 'error'],
] as const
const PATHS = ['/api/cart', '/api/user', '/health', '/ünïcode/"quoted"']
const WORDS = [
  'upstream timeout',
  'Cart loaded',
  'disk almost full (91%)',
  'user said "hi" \\ back',
  'Größe über 3 MB',
  'a*b',
]
/** Records beside those of the request. */
const COUNT = 60

export interface Sent {
  readonly service: string
  readonly record: LogRecord
}

export interface SourceData {
  /** The oldest record's time. Nanoseconds. */
  readonly start: bigint
  readonly sent: readonly Sent[]
  /** As the in-memory definition of the query language sees them. */
  readonly rows: readonly LogRow[]
  readonly traceId: string
  /** Another trace with the same first 8 digits as `twins[1]`. */
  readonly twins: readonly [string, string]
  readonly logsRequest: string
  readonly tracesRequest: string
}

/** @param startMillis  a while ago; every record is within the minute after it */
export function sourceData(startMillis: number): SourceData {
  const start = BigInt(startMillis) * 1_000_000n
  const traceId = idFrom(startMillis, 32)
  const twins = ['a', 'b'].map((last) => `${traceId.slice(8, 16)}${'0'.repeat(23)}${last}`) as [string, string]
  const sent = [...shopRecords(start, twins), ...requestRecords(start, traceId)]
  const spans = requestSpans(start, traceId)
  return {
    start,
    sent,
    rows: sent.map(rowOf),
    traceId,
    twins,
    logsRequest: JSON.stringify(logsToJson(grouped(sent))),
    tracesRequest: JSON.stringify(tracesToJson(groupedSpans(spans))),
  }
}

export function resourceOf(service: string): Attributes {
  return {
    'service.name': service,
    'service.instance.id': `${service}-1`,
    'service.version': '1.2.3',
    'service.namespace': 'shop',
    // Else the Collector would add the machine's.
    'host.name': 'shop-1',
  }
}

function rowOf({ service, record }: Sent, index: number): LogRow {
  return toLogRow({
    id: String(index),
    time: record.timeUnixNano,
    observed: record.observedTimeUnixNano,
    record,
    resource: { attributes: resourceOf(service) },
    service,
    scope: { name: 'winston', version: '3' },
  })
}

const blank = {
  observedTimeUnixNano: 0n,
  eventName: '',
  traceId: '',
  spanId: '',
  traceFlags: 0,
  droppedAttributesCount: 0,
}

/** The same for the same start: numbers of a small generator. */
function shopRecords(start: bigint, twins: readonly string[]): Sent[] {
  let state = 42
  const pick = <T>(values: readonly T[]): T => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return values[(state >> 8) % values.length]!
  }
  return Array.from({ length: COUNT }, (_, i) => {
    const [severityNumber, severityText] = pick(LEVELS)
    // Every third has the time of the one before: pages must be cut between them too.
    const time = start + BigInt(Math.floor(i / 3)) * 500_000_000n
    const attributes: Record<string, string | number | boolean> = {}
    if (pick([true, true, false])) attributes['url.path'] = pick(PATHS)
    if (pick([true, false])) attributes['http.response.status_code'] = pick([200, 204, 404, 500, 503])
    if (pick([true, false])) attributes['tracelog.response_time_ms'] = pick([0.5, 12, 250.25, 1_000])
    if (pick([true, false])) attributes['tracelog.cache.hit'] = pick([true, false])
    if (pick([true, false])) attributes['user_id'] = pick(['42', 'ada', '7'])
    if (pick([true, false])) attributes['name'] = pick(['ada', 'grace'])
    const record = {
      ...blank,
      timeUnixNano: time,
      observedTimeUnixNano: time + BigInt(i),
      severityNumber,
      severityText,
      body: `${pick(WORDS)} #${i}`,
      attributes,
      traceId: i < 2 ? twins[i]! : '',
    }
    return { service: pick(['api', 'web', 'worker']), record }
  })
}

const SERVED = 'tracelog.http.server.end'

/** lb 40 ms -> api 30 ms, which fails; the cache is asked in between. */
function requestRecords(start: bigint, traceId: string): Sent[] {
  const at = (millis: number): bigint => start + 30_000_000_000n + BigInt(Math.round(millis * 1_000_000))
  const line = (service: string, spanId: string, millis: number, more: Partial<LogRecord>): Sent => ({
    service,
    record: {
      ...blank,
      timeUnixNano: at(millis),
      observedTimeUnixNano: at(millis) + 10n,
      severityNumber: 9,
      severityText: 'info',
      body: undefined,
      attributes: {},
      traceId,
      spanId,
      traceFlags: 1,
      ...more,
    },
  })
  const request = { 'http.request.method': 'GET', 'url.path': '/api/cart' }
  return [
    line('api', SPANS.api, 12, { body: 'cart lookup #100', severityNumber: 5, severityText: 'debug' }),
    line('api', SPANS.api, 25, {
      body: 'cart is undefined #101',
      severityNumber: 17,
      severityText: 'error',
      attributes: {
        'exception.type': 'TypeError',
        'exception.message': 'cart is undefined',
        'exception.stacktrace': 'TypeError: cart is undefined\n    at getCart (src/cart.ts:31:14)',
      },
    }),
    line('api', SPANS.api, 36, {
      eventName: SERVED,
      severityNumber: 17,
      severityText: 'error',
      attributes: {
        ...request,
        'http.response.status_code': 500,
        'tracelog.response_time_ms': 30,
        'tracelog.component': 'http_server',
        'tracelog.cache.hit': false,
        'error.type': '500',
      },
    }),
    line('lb', SPANS.lb, 40, {
      eventName: 'tracelog.lb.end',
      severityNumber: 17,
      severityText: 'error',
      attributes: {
        ...request,
        'http.response.status_code': 500,
        'tracelog.response_time_ms': 40,
        'tracelog.component': 'load_balancer',
        'tracelog.upstream': '127.0.0.1:3001',
        'tracelog.upstream.tried': ['127.0.0.1:3002', '127.0.0.1:3001'],
        'tracelog.retries': 1,
        'error.type': '500',
      },
    }),
  ]
}

const SPANS = { lb: '00000000000000a1', call: '00000000000000a2', api: '00000000000000a3' }

function requestSpans(start: bigint, traceId: string): { readonly service: string; readonly span: SpanRecord }[] {
  const at = (millis: number): bigint => start + 30_000_000_000n + BigInt(millis * 1_000_000)
  const span = (spanId: string, parentSpanId: string, [from, to]: [number, number], kind: number): SpanRecord => ({
    traceId,
    spanId,
    parentSpanId,
    traceState: '',
    flags: 1,
    name: 'GET /api/cart',
    kind,
    startTimeUnixNano: at(from),
    endTimeUnixNano: at(to),
    attributes: { 'http.request.method': 'GET', 'url.path': '/api/cart', 'http.response.status_code': 500 },
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 2,
    statusMessage: '',
  })
  return [
    { service: 'lb', span: span(SPANS.lb, '', [0, 40], SPAN_KIND.server) },
    { service: 'lb', span: span(SPANS.call, SPANS.lb, [2, 39], SPAN_KIND.client) },
    { service: 'api', span: span(SPANS.api, SPANS.call, [6, 36], SPAN_KIND.server) },
  ]
}

function grouped(sent: readonly Sent[]): ResourceLogs[] {
  return [...Map.groupBy(sent, ({ service }) => service)].map(([service, own]) => ({
    resource: { attributes: resourceOf(service) },
    scopes: [{ scope: { name: 'winston', version: '3' }, records: own.map(({ record }) => record) }],
  }))
}

function groupedSpans(spans: readonly { readonly service: string; readonly span: SpanRecord }[]): ResourceSpans[] {
  return [...Map.groupBy(spans, ({ service }) => service)].map(([service, own]) => ({
    resource: { attributes: resourceOf(service) },
    scopes: [{ scope: { name: 'tracelog.http', version: '' }, spans: own.map(({ span }) => span) }],
  }))
}

/** Hex digits that differ from run to run, and are the same within one. */
export function idFrom(number: number, length: number): string {
  return (BigInt(number) * 0x9e3779b97f4a7c15n).toString(16).padStart(length, '1').slice(0, length).padEnd(length, '7')
}

/** One record more, sent while a tail listens. */
export function lateRecord(nowMillis: number, body: string): string {
  const time = BigInt(nowMillis) * 1_000_000n
  const record = { ...blank, timeUnixNano: time, observedTimeUnixNano: time, severityNumber: 13, severityText: 'warn' }
  return JSON.stringify(logsToJson(grouped([{ service: 'late', record: { ...record, body, attributes: {} } }])))
}
