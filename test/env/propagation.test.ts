/** Which headers carry a trace to whom. */
import { expect, test } from 'vitest'

import { shop } from './run.ts'

/** Baggage of the application's own goes as the application says. */
test.each([
  { env: {}, isTold: true },
  { env: { OTEL_PROPAGATORS: 'none' }, isTold: false },
  { env: { OTEL_PROPAGATORS: 'baggage' }, isTold: false },
  { env: { TRACELOG_PROPAGATE_TO: 'trusted' }, isTold: true },
  { env: { TRACELOG_PROPAGATE_TO: 'trusted', TRACELOG_TRUSTED_PEERS: '10.0.0.1' }, isTold: false },
  { env: { TRACELOG_PROPAGATE_TO: 'api.internal' }, isTold: false },
  { env: { TRACELOG_PROPAGATE_TO: '127.0.0.1' }, isTold: true },
])('with $env a call to this machine carries traceparent: $isTold', async ({ env, isTold }) => {
  const { exchanges } = await shop(['/x'], env)
  expect('traceparent' in exchanges[0]!.request).toBe(isTold)
  expect(exchanges[0]!.request['baggage']).toBe('a=b')
})
