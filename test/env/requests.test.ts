/** What a request leaves behind: completion records, spans, headers of its answer. */
import { expect, test } from 'vitest'

import { SPAN_KIND } from '../../src/model/span-record.ts'
import { shop, type Seen } from './run.ts'

/** Paths of the requests with a completion record. */
function completed({ logs }: Seen): unknown[] {
  return logs
    .filter(({ record }) => record.eventName === 'tracelog.http.server.end')
    .map(({ record }) => record.attributes['url.path'])
}

test.each([
  { access: 'on', paths: ['/x', '/fails'] },
  { access: 'errors', paths: ['/fails'] },
  { access: 'off', paths: [] },
])('TRACELOG_ACCESS=$access writes completion records of $paths', async ({ access, paths }) => {
  expect(completed(await shop(['/x', '/fails'], { TRACELOG_ACCESS: access }))).toEqual(paths)
})

test('TRACELOG_IGNORE_PATHS: neither span nor completion record; the health checks are then ordinary', async () => {
  const seen = await shop(['/up', '/healthz'], { TRACELOG_IGNORE_PATHS: '/u*' })
  expect(completed(seen)).toEqual(['/healthz'])
  expect(seen.spans.filter(({ span }) => span.kind === SPAN_KIND.server)).toHaveLength(1)
  expect(completed(await shop(['/up', '/healthz']))).toEqual(['/up'])
})

test.each([
  { value: 'trusted', peers: 'loopback', isTold: true },
  { value: 'trusted', peers: '10.0.0.1', isTold: false },
  { value: 'on', peers: '10.0.0.1', isTold: true },
  { value: 'off', peers: 'loopback', isTold: false },
])('TRACELOG_RESPONSE_CONTEXT=$value, trusted $peers: says the trace: $isTold', async ({ value, peers, isTold }) => {
  const env = { TRACELOG_RESPONSE_CONTEXT: value, TRACELOG_TRUSTED_PEERS: peers }
  const { exchanges } = await shop(['/x'], env)
  expect('server-timing' in exchanges[0]!.answer).toBe(isTold)
})

test('TRACELOG_COMPONENT=load_balancer: the request is a hop of a load balancer', async () => {
  const { logs } = await shop(['/x'], { TRACELOG_COMPONENT: 'load_balancer' })
  expect(logs.map(({ record }) => record.eventName)).toContain('tracelog.lb.end')
})
