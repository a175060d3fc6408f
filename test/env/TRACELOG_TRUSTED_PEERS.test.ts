import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test('TRACELOG_TRUSTED_PEERS names who is trusted', () => {
  expect(configOf({}).hops.trustedPeers).toEqual(['loopback'])
  expect(configOf({ TRACELOG_TRUSTED_PEERS: '10.0.0.0/8, api.internal' }).hops.trustedPeers).toEqual([
    '10.0.0.0/8',
    'api.internal',
  ])
})

test('a wrong TRACELOG_TRUSTED_PEERS is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_TRUSTED_PEERS: '10.0.0.0/64' },
    'TRACELOG_TRUSTED_PEERS is "10.0.0.0/64", but must be a comma list of host names, addresses and CIDR ranges, as api.internal,10.0.0.0/8',
  )
})
