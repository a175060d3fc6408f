/**
 * Lines as Envoy's documentation says that `json_format` of collector/load-balancers/envoy.yaml is written (numbers stay numbers, a
 * value that is missing is null, in older versions "-"), and what they stand for. Envoy itself was not run here.
 */
import { type AccessCase, casesOf, plainCases, UNTRACED } from './access-case.ts'

const LINE = {
  kind: 'envoy',
  msec: '1795246176.838',
  duration_ms: 51,
  uid: '481e624b-06ee-44db-826a-39497a728694',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-acb7ebcdb1309afb-01',
  client_traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  remote_addr: '127.0.0.1',
  method: 'GET',
  scheme: 'http',
  host: 'shop.example:8080',
  path: '/a%20b?x=1',
  protocol: 'HTTP/1.1',
  status: 200,
  bytes_sent: 317,
  upstream: '127.0.0.1:8081',
  upstream_ms: '48',
  attempts: 1,
  backend: 'app',
  response_flags: '-',
  cache_status: 'shop; fwd=miss',
  user_agent: 'curl/7.88.1',
}

const BASE = {
  name: 'a request in a trace that the client began',
  line: LINE,
  expected: {
    timeUnixNano: 1795246176_889_000_000n,
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: 'acb7ebcdb1309afb',
    traceFlags: 1,
    severityText: 'INFO',
    body: 'GET /a%20b 200',
    attributes: {
      'tracelog.component': 'load_balancer',
      'tracelog.parent_span_id': '00f067aa0ba902b7',
      'log.record.uid': 'acb7ebcdb1309afb-lb',
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/a%20b',
      'url.query': 'x=1',
      'server.address': 'shop.example',
      'server.port': 8080,
      'client.address': '127.0.0.1',
      'user_agent.original': 'curl/7.88.1',
      'network.protocol.version': '1.1',
      'http.response.status_code': 200,
      'http.response.size': 317,
      'tracelog.response_time_ms': 51,
      'tracelog.cache.hit': false,
      'tracelog.upstream': '127.0.0.1:8081',
      'tracelog.upstream_ms': 48,
      'tracelog.retries': 0,
      'tracelog.lb.backend': 'app',
    },
  },
} as const

export const ENVOY_CASES: readonly AccessCase[] = [
  ...casesOf('envoy', BASE, [
    {
      name: 'a trace that began here, HTTP/2, a retry',
      line: { client_traceparent: null, protocol: 'HTTP/2', attempts: 2, cache_status: null, path: '/' },
      expected: { body: 'GET / 200' },
      attributes: {
        'tracelog.parent_span_id': undefined,
        'network.protocol.version': '2',
        'tracelog.retries': 1,
        'tracelog.cache.hit': undefined,
        'url.path': '/',
        'url.query': undefined,
      },
    },
    {
      name: 'a traceparent that was not adopted; missing values as older versions write them',
      line: { client_traceparent: 'nonsense', cache_status: '-', user_agent: '-' },
      attributes: {
        'tracelog.parent_span_id': undefined,
        'tracelog.client_traceparent': 'nonsense',
        'tracelog.cache.hit': undefined,
        'user_agent.original': undefined,
      },
    },
    {
      name: 'no upstream',
      line: {
        status: 503,
        upstream: null,
        upstream_ms: null,
        attempts: 0,
        response_flags: 'UF,URX',
        cache_status: null,
      },
      expected: { severityText: 'ERROR', body: 'GET /a%20b 503' },
      attributes: {
        'http.response.status_code': 503,
        'error.type': '503',
        'tracelog.upstream': undefined,
        'tracelog.upstream_ms': undefined,
        'tracelog.retries': undefined,
        'tracelog.lb.term_state': 'UF,URX',
        'tracelog.cache.hit': undefined,
      },
    },
    {
      name: 'a client that went away',
      line: { status: 0, upstream_ms: null, response_flags: 'DC', cache_status: null },
      expected: { severityText: 'WARN', body: 'GET /a%20b aborted' },
      attributes: {
        'http.response.status_code': undefined,
        'tracelog.aborted': true,
        'tracelog.upstream_ms': undefined,
        'tracelog.lb.term_state': 'DC',
        'tracelog.cache.hit': undefined,
      },
    },
    {
      name: 'answered before it was traced',
      line: { traceparent: null, client_traceparent: null, status: 400, cache_status: null },
      expected: { ...UNTRACED, body: 'GET /a%20b 400' },
      attributes: {
        'log.record.uid': LINE.uid,
        'tracelog.parent_span_id': undefined,
        'http.response.status_code': 400,
        'tracelog.cache.hit': undefined,
      },
    },
  ]),
  ...plainCases('envoy', {
    "Envoy's own format": '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100',
    'a line without its time': JSON.stringify({ ...LINE, msec: null }),
  }),
]
