/**
 * Requests of a small shop as OTLP/JSON: behind a balancer, through a service, into a cache. Made by number, so that the same is made again.
 */
interface Attribute {
  readonly key: string
  readonly value: object
}

export interface ShopRequest {
  readonly index: number
  /** When it began, milliseconds since the epoch. */
  readonly at: number
  readonly method?: string
  readonly path?: string
  readonly status?: number
  readonly tookMillis?: number
  readonly error?: { readonly type: string; readonly message: string }
  readonly cacheHit?: boolean
  /** Whom the balancer calls. */
  readonly service?: string
}

export function traceIdOf(index: number): string {
  // Spread, so that the first digits tell them apart.
  return (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').padEnd(32, '0')
}

function spanIdOf(index: number, part: number): string {
  return ((index + 1) * 16 + part).toString(16).padStart(16, '0')
}

function attribute(key: string, value: string | number | boolean): Attribute {
  if (typeof value === 'number')
    return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }
  return { key, value: typeof value === 'boolean' ? { boolValue: value } : { stringValue: value } }
}

function attributes(values: Readonly<Record<string, string | number | boolean | undefined>>): Attribute[] {
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [attribute(key, value)]))
}

function nanos(millis: number): string {
  return String(BigInt(Math.round(millis * 1_000)) * 1_000n)
}

/** For `POST /v1/traces`. */
export function shopSpans(requests: readonly ShopRequest[]): object {
  const parts = requests.flatMap((request) => spansOf(request))
  const services = [...new Set(parts.map(({ service }) => service))]
  return {
    resourceSpans: services.map((service) => ({
      resource: { attributes: attributes({ 'service.name': service, 'service.instance.id': `${service}-1` }) },
      scopeSpans: [
        { scope: { name: 'shop' }, spans: parts.filter((part) => part.service === service).map(({ span }) => span) },
      ],
    })),
  }
}

function spansOf(request: ShopRequest): { service: string; span: object }[] {
  const {
    index,
    at,
    method = 'GET',
    path = '/api/cart',
    status = 200,
    tookMillis: took = 20,
    error,
    service = 'web',
  } = request
  const span = (part: number, [from, to]: readonly [number, number], more: object, parent?: number) => ({
    traceId: traceIdOf(index),
    spanId: spanIdOf(index, part),
    ...(parent === undefined ? {} : { parentSpanId: spanIdOf(index, parent) }),
    name: `${method} ${path}`,
    kind: 2,
    startTimeUnixNano: nanos(at + took * from),
    endTimeUnixNano: nanos(at + took * to),
    ...more,
  })
  const http = attributes({
    'http.request.method': method,
    'url.path': path,
    'http.response.status_code': status,
    'error.type': error?.type,
    'tracelog.cache.hit': request.cacheHit,
  })
  const failed = error === undefined ? {} : { status: { code: 2, message: error.message } }
  const hit = request.cacheHit
  return [
    { service: 'lb', span: span(1, [0, 1], { attributes: http }) },
    { service, span: span(2, [0.1, 0.95], { attributes: http, ...failed }, 1) },
    ...(hit === undefined
      ? []
      : [
          {
            service: 'cache',
            span: span(3, [0.2, hit ? 0.3 : 0.6], { attributes: attributes({ 'tracelog.cache.hit': hit }) }, 2),
          },
        ]),
  ]
}

/** For `POST /v1/logs`: two lines of each request, and its error. */
export function shopLogs(requests: readonly ShopRequest[]): object {
  return {
    resourceLogs: ['web', 'api', 'orders']
      .map((service) => ({ service, of: requests.filter((request) => (request.service ?? 'web') === service) }))
      .filter(({ of }) => of.length > 0)
      .map(({ service, of }) => ({
        resource: { attributes: attributes({ 'service.name': service, 'service.instance.id': `${service}-1` }) },
        scopeLogs: [{ scope: { name: 'shop' }, logRecords: of.flatMap((request) => recordsOf(request)) }],
      })),
  }
}

function recordsOf({ index, at, error, tookMillis = 20 }: ShopRequest): object[] {
  const record = (
    share: number,
    severity: readonly [number, string],
    body: string,
    values: Parameters<typeof attributes>[0],
  ) => ({
    timeUnixNano: nanos(at + tookMillis * share),
    severityNumber: severity[0],
    severityText: severity[1],
    body: { stringValue: body },
    traceId: traceIdOf(index),
    spanId: spanIdOf(index, 2),
    attributes: attributes(values),
  })
  return [
    record(0.15, [9, 'INFO'], 'cart looked up', { user: index % 50, items: index % 7 }),
    ...(index % 5 === 0 ? [record(0.4, [13, 'WARN'], 'cache evicted under memory pressure', { used_mb: 255 })] : []),
    ...(error === undefined
      ? []
      : [
          record(0.5, [17, 'ERROR'], error.message, {
            'exception.type': error.type,
            'exception.message': error.message,
            'exception.stacktrace': `${error.type}: ${error.message}\n    at getCart (/srv/shop/src/cart.ts:31:14)`,
          }),
        ]),
  ]
}

/** So many, one every 40 ms until `until`, of several routes, some of them failed. */
export function shopRequests(count: number, until: number, firstIndex = 0): ShopRequest[] {
  return Array.from({ length: count }, (_, each) => {
    const index = firstIndex + each
    const at = until - (count - each) * 40
    const tookMillis = 5 + ((index * 37) % 90)
    if (index % 11 === 3)
      return {
        index,
        at,
        tookMillis,
        status: 500,
        error: { type: 'TypeError', message: 'cart is undefined' },
        cacheHit: false,
      }
    if (index % 7 === 2)
      return { index, at, tookMillis, path: `/api/orders/${9_000 + index}`, status: 404, service: 'orders' }
    if (index % 3 === 1) return { index, at, tookMillis, path: '/api/bookings', service: 'api', cacheHit: true }
    if (index % 13 === 5)
      return { index, at, tookMillis, method: 'POST', path: '/api/orders', status: 201, service: 'orders' }
    return { index, at, tookMillis, cacheHit: index % 2 === 0 }
  })
}
