/** Lines that Caddy 2.11.4 wrote with collector/load-balancers/Caddyfile, and what they stand for. */
import { type AccessCase, casesOf, plainCases } from './access-case.ts'

const REQUEST = {
  remote_ip: '127.0.0.1',
  remote_port: '58924',
  client_ip: '127.0.0.1',
  proto: 'HTTP/1.1',
  method: 'GET',
  host: '127.0.0.1:18070',
  uri: '/a%20b?x=1?y',
}

const LINE = {
  level: 'info',
  ts: 1795246629.5503654,
  logger: 'http.log.access.log0',
  msg: 'handled request',
  request: REQUEST,
  bytes_read: 0,
  user_id: '',
  duration: 0.001880517,
  size: 330,
  status: 200,
  uuid: '81c674f4-98c7-4ee2-8224-caa3898d39a8',
  cache_status: 'shop; hit',
  retries: 1,
  upstream_ms: 1.411542,
  upstream: '127.0.0.1:18081',
  user_agent: 'Mozilla/5.0 (X11) "q" (KHTML, like Gecko) \\x',
  scheme: 'http',
  client_traceparent: '',
  trace_flags: '03',
  parent_span_id: '',
  span_id: '8224caa3898d39a8',
  trace_id: '81c674f498c74ee28224caa3898d39a8',
  kind: 'caddy',
}

const BASE = {
  name: 'a trace that began here, and a retry on another server',
  line: LINE,
  expected: {
    timeUnixNano: 1795246629_550_365_000n,
    traceId: LINE.trace_id,
    spanId: LINE.span_id,
    traceFlags: 3,
    severityText: 'INFO',
    body: 'GET /a%20b 200',
    attributes: {
      'tracelog.component': 'load_balancer',
      'log.record.uid': '8224caa3898d39a8-lb',
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/a%20b',
      'url.query': 'x=1?y',
      'server.address': '127.0.0.1',
      'server.port': 18070,
      'client.address': '127.0.0.1',
      'user_agent.original': LINE.user_agent,
      'network.protocol.version': '1.1',
      'http.response.status_code': 200,
      'http.response.body.size': 330,
      'tracelog.response_time_ms': 1.881,
      'tracelog.cache.hit': true,
      'tracelog.upstream': '127.0.0.1:18081',
      'tracelog.upstream_ms': 1.412,
      'tracelog.retries': 1,
    },
  },
} as const

export const CADDY_CASES: readonly AccessCase[] = [
  ...casesOf('caddy', BASE, [
    {
      name: 'a request in a trace that the client began',
      line: {
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        parent_span_id: '00f067aa0ba902b7',
        trace_flags: '01',
        retries: 0,
        request: { ...REQUEST, uri: '/adopt', proto: 'HTTP/2.0', client_ip: '10.0.0.7' },
      },
      expected: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', traceFlags: 1, body: 'GET /adopt 200' },
      attributes: {
        'tracelog.parent_span_id': '00f067aa0ba902b7',
        'tracelog.retries': 0,
        'url.path': '/adopt',
        'url.query': undefined,
        'network.protocol.version': '2',
        'client.address': '10.0.0.7',
      },
    },
    {
      name: 'a server that closed the connection',
      line: { level: 'error', status: 502, size: 0, upstream_ms: null, cache_status: '' },
      expected: { severityText: 'ERROR', body: 'GET /a%20b 502' },
      attributes: {
        'http.response.status_code': 502,
        'http.response.body.size': 0,
        'error.type': '502',
        'tracelog.upstream_ms': undefined,
        'tracelog.cache.hit': undefined,
      },
    },
    {
      name: 'a client that went away while a server was working',
      line: { status: 0, size: 0, upstream_ms: null, cache_status: '', duration: 0.200408344 },
      expected: { severityText: 'WARN', body: 'GET /a%20b aborted' },
      attributes: {
        'http.response.status_code': undefined,
        'http.response.body.size': 0,
        'tracelog.aborted': true,
        'tracelog.response_time_ms': 200.408,
        'tracelog.upstream_ms': undefined,
        'tracelog.cache.hit': undefined,
      },
    },
    {
      name: "a client's trace that was not continued, answered without an upstream",
      line: {
        client_traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        upstream: null,
        upstream_ms: null,
        retries: null,
        ts: 1795246629,
        duration: 0,
      },
      expected: { timeUnixNano: 1795246629_000_000_000n },
      attributes: {
        'tracelog.client_traceparent': '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        'tracelog.response_time_ms': 0,
        'tracelog.upstream': undefined,
        'tracelog.upstream_ms': undefined,
        'tracelog.retries': undefined,
      },
    },
  ]),
  ...plainCases('caddy', {
    'what Caddy says of itself': '{"level":"info","ts":1795246561.4256833,"msg":"serving initial configuration"}',
    'a line without its time': JSON.stringify({ ...LINE, ts: 'yesterday' }),
    'a time that no clock shows': JSON.stringify({ ...LINE, ts: 1e306 }),
  }),
]
