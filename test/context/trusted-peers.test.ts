import { expect, test } from 'vitest'

import { createTrustedPeers } from '../../src/context/trusted-peers.ts'

test.each([
  [undefined, '127.0.0.1', true],
  [undefined, '127.9.9.9', true],
  [undefined, '::1', true],
  [undefined, '[::1]', true],
  [undefined, '::ffff:127.0.0.1', true],
  [undefined, 'localhost', true],
  [undefined, 'api.localhost', true],
  [undefined, '10.0.0.1', false],
  [undefined, 'localhost.example.com', false],
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.0/8', '127.0.0.1', false],
  ['fd00::/8', 'fd12::1', true],
  ['*.internal', 'api.internal', true],
  ['*.internal', 'internal', false],
  ['*.internal', 'evilinternal', false],
  ['API.internal:8080', 'api.internal', true],
  ['!!', '!!', false],
])('with TRACELOG_TRUSTED_PEERS=%s, %s is trusted: %s', (peers, host, expected) => {
  expect(createTrustedPeers(peers === undefined ? undefined : [peers]).isTrusted(host)).toBe(expected)
})

test('an unknown peer is not trusted', () => {
  expect(createTrustedPeers().isTrusted(undefined)).toBe(false)
})
