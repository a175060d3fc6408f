/**
 * One request as OTLP/JSON that has what a story can have: a balancer, a gap, lines below the level, a look-up that only its caller tells of,
 * an error with a stack, fields that all lines share; and one as large as is asked for.
 */
type Values = Readonly<Record<string, string | number | boolean>>

export const STORY = '4bf92f3577b34da6a3ce929d0e0e4736'

export interface Story {
  readonly traces: object
  readonly logs: object
}

interface SpanWords {
  readonly id: number
  readonly parent?: number
  readonly kind: 1 | 2 | 3
  readonly name: string
  readonly from: number
  readonly to: number
  readonly values?: Values
  readonly failed?: boolean
}
interface LineWords {
  readonly span: number
  readonly at: number
  readonly level: keyof typeof SEVERITIES
  readonly body: string
  readonly values?: Values
  readonly event?: string
}
interface Sender {
  readonly service: string
  readonly spans: readonly SpanWords[]
  readonly lines: readonly LineWords[]
}

const SEVERITIES = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17 } as const

const STACK = [
  'TypeError: cart is undefined',
  '    at getCart (/srv/shop/src/cart.ts:31:14)',
  '    at handler (/srv/shop/src/routes/cart.ts:12:20)',
  '    at next (/srv/shop/node_modules/express/lib/router/route.js:144:13)',
  '    at Layer.handle (/srv/shop/node_modules/express/lib/router/layer.js:95:5)',
  '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
].join('\n')

/** @param at  when it began, milliseconds since the epoch */
export function story(at: number, traceId: string = STORY): Story {
  const http = { 'http.request.method': 'GET', 'url.path': '/api/cart', 'http.response.status_code': 500 }
  const request = { request_id: 'r-81f2' }
  return otlp(at, traceId, [
    {
      service: 'lb',
      spans: [
        {
          id: 1,
          kind: 2,
          name: 'GET /api/cart',
          from: 0,
          to: 41.2,
          values: { ...http, 'tracelog.upstream': '127.0.0.1:3001', 'tracelog.lb.server': 'web-2' },
          failed: true,
        },
        { id: 2, parent: 1, kind: 3, name: 'GET', from: 0.31, to: 41, values: http },
      ],
      lines: [
        {
          span: 1,
          at: 0.311,
          level: 'INFO',
          body: 'picked backend',
          values: { ...request, pool: 'blue', lb_routing_ms: 0.29 },
        },
        { span: 1, at: 41.18, level: 'ERROR', body: 'upstream answered 500', values: { ...request, retries: 0 } },
      ],
    },
    {
      service: 'web',
      spans: [{ id: 3, parent: 2, kind: 2, name: 'GET /api/cart', from: 3.412, to: 40.9, values: http, failed: true }],
      lines: [
        {
          span: 3,
          at: 3.69,
          level: 'DEBUG',
          body: 'cart lookup',
          values: { ...request, user: 42, session: '[redacted]', 'tracelog.buffered': true },
        },
        {
          span: 3,
          at: 12.5,
          level: 'INFO',
          body: 'get cart:* miss',
          event: 'tracelog.cache.end',
          values: {
            'tracelog.cache.name': 'cache',
            'tracelog.cache.op': 'get',
            'tracelog.cache.key': 'cart:*',
            'tracelog.cache.hit': false,
            'tracelog.response_time_ms': 8.8,
          },
        },
        {
          span: 3,
          at: 12.48,
          level: 'WARN',
          body: 'cache evicted under memory pressure',
          values: { ...request, key: 'cart:*', used_mb: 255 },
        },
        {
          span: 3,
          at: 12.53,
          level: 'ERROR',
          body: 'cart is undefined',
          values: {
            ...request,
            user: 42,
            'exception.type': 'TypeError',
            'exception.message': 'cart is undefined',
            'exception.stacktrace': STACK,
          },
        },
        {
          span: 3,
          at: 12.71,
          level: 'DEBUG',
          body: 'rendering error page',
          values: { ...request, template: '500.html', 'tracelog.buffered': true },
        },
        {
          span: 3,
          at: 40.87,
          level: 'ERROR',
          body: 'request failed',
          values: { ...request, status: 500, cache_hit: false, bytes: 412, route: '/api/cart' },
        },
      ],
    },
  ])
}

/** A request of about so many rows: calls one after the other, five lines in each, one of them failed. */
export function largeStory(at: number, traceId: string, rows: number): Story {
  const calls = Math.floor(rows / 6)
  const spans = Array.from({ length: calls }, (_, i): SpanWords => ({
    id: i + 2,
    parent: 1,
    kind: 1,
    name: `step ${i}`,
    from: i + 1,
    to: i + 1.9,
  }))
  const lines = spans.flatMap(({ id, from }, i) =>
    Array.from({ length: 5 }, (_, line): LineWords => ({
      span: id,
      at: from + line * 0.1,
      level: i === calls - 2 && line === 3 ? 'ERROR' : 'INFO',
      body: `line ${line} of step ${i}`,
      values: { n: i },
    })),
  )
  const root: SpanWords = {
    id: 1,
    kind: 2,
    name: 'GET /api/large',
    from: 0,
    to: calls + 2,
    values: { 'http.request.method': 'GET', 'url.path': '/api/large', 'http.response.status_code': 200 },
  }
  return otlp(at, traceId, [{ service: 'web', spans: [root, ...spans], lines }])
}

export function otlp(at: number, traceId: string, senders: readonly Sender[]): Story {
  const resource = ({ service }: Sender) => ({
    attributes: attributes({ 'service.name': service, 'service.instance.id': `${service}-1` }),
  })
  const scope = { name: 'shop' }
  const nanos = (millis: number): string => String(BigInt(Math.round((at + millis) * 1_000)) * 1_000n)
  const logRecord = ({ span, at: time, level, body, values = {}, event }: LineWords, i: number) => ({
    timeUnixNano: nanos(time),
    severityNumber: SEVERITIES[level],
    severityText: level,
    body: { stringValue: body },
    traceId,
    spanId: spanId(span),
    ...(event === undefined ? {} : { eventName: event }),
    attributes: attributes({ ...values, 'tracelog.seq': i + 1 }),
  })
  const span = ({ id, parent, kind, name, from, to, values = {}, failed }: SpanWords) => ({
    traceId,
    spanId: spanId(id),
    ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
    name,
    kind,
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(to),
    attributes: attributes(values),
    ...(failed === true ? { status: { code: 2 } } : {}),
  })
  return {
    traces: {
      resourceSpans: senders.map((sender) => ({
        resource: resource(sender),
        scopeSpans: [{ scope, spans: sender.spans.map(span) }],
      })),
    },
    logs: {
      resourceLogs: senders.map((sender) => ({
        resource: resource(sender),
        scopeLogs: [{ scope, logRecords: sender.lines.map(logRecord) }],
      })),
    },
  }
}

function spanId(id: number): string {
  return id.toString(16).padStart(16, '0')
}

function attributes(values: Values): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: valueOf(value) }))
}

function valueOf(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
