/**
 * What each kind of term means for a row that is at hand: the one definition that every source is held to.
 */
import { describe, expect, test } from 'vitest'

import { compileMatcher } from '../../src/query-text/match.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')

const ROW = {
  time_ns: '1795262100000000000', // 2026-11-21T11:55:00Z
  level: 'WARN',
  severity_text: 'warning',
  service: 'api',
  'service.version': '1.2.3',
  message: 'Upstream TIMEOUT after 3 tries',
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  span_id: '00f067aa0ba902b7',
  path: '/api/cart',
  status: 503,
  response_time_ms: 251.5,
  cache_hit: false,
  route: '/api/:name',
  'user.id': '42',
  empty: '',
}

describe('a row matches', () => {
  test.each([
    '',
    '  ',
    'timeout',
    '"after 3"',
    'up*try OR up*tries',
    'service:api level>=warn',
    'level:warn -level:error level!=info level<error level<=warn level>info',
    'trace:4bf9 trace_id:4BF92F35-77b3 span:00f0*',
    'path:/api/* status>=500 status:503 -cache_hit:true',
    'http.route:/api/:name url.path=/api/cart http.response.status_code<504',
    'took>250ms took<1s duration>=251.5',
    'user.id:42 user.id>41',
    'since:15m until:1m',
    'since:2026-11-21T11:55:00Z until:1795262100000000001',
    'service.version:1.* severity_text:warning',
    '(service:web OR status:503) -(level:info OR "no such text")',
    'empty:""',
    'message:Upstream*',
    'status!=200',
  ])('%j', (text) => {
    expect(compileMatcher(text, NOW)(ROW)).toBe(true)
  })
})

describe('a row does not match', () => {
  test.each([
    'service:API',
    '"after*tries"',
    'level>warn',
    'trace:5bf9',
    'path:/api',
    'path:"/api/*"',
    'missing:1',
    'missing!=1',
    'user.name:*',
    'took>1s',
    'since:1m',
    'until:15m',
    'user.id>=43',
    'empty:x',
    '-timeout',
    'name:x',
  ])('%j', (text) => {
    expect(compileMatcher(text, NOW)(ROW)).toBe(false)
  })
})

test.each(['status>=many', 'level:loud', 'trace:xyz', 'since:yesterday', 'took>long', '(a'])(
  '%j is refused with its column',
  (text) => {
    expect(() => compileMatcher(text, NOW)).toThrow(expect.objectContaining({ code: 'TRACELOG_QUERY_SYNTAX' }))
  },
)

test.each(['yesterday', '', '-1', '1e9', 17])("another program's time_ns %j is no time, and no fault", (time) => {
  expect(compileMatcher('since:15m', NOW)({ time_ns: time })).toBe(false)
  expect(compileMatcher('until:15m', NOW)({ time_ns: time })).toBe(true)
})
