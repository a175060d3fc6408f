import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { grpcServerOf } from '../../../src/capture/grpc/grpc-target.ts'

test.each([
  ['api:50051', 'api', 50_051],
  ['dns:api:50051', 'api', 50_051],
  ['dns:///api:50051', 'api', 50_051],
  ['dns://8.8.8.8/api.test:1', 'api.test', 1],
  ['api', 'api', 443],
  ['127.0.0.1:9', '127.0.0.1', 9],
  ['ipv4:10.0.0.1:1,10.0.0.2:2', '10.0.0.1', 1],
  ['ipv6:[::1]:50051', '::1', 50_051],
  ['[::1]:7', '::1', 7],
  ['unix:/tmp/x.sock', '/tmp/x.sock', undefined],
  ['unix:///tmp/x.sock', '/tmp/x.sock', undefined],
  ['unix-abstract:name', 'name', undefined],
  ['xds:///shop', 'shop', 443],
])('the target %s is the server %s, port %s', (target, host, port) => {
  expect(grpcServerOf(target)).toEqual({ host, port })
})

test('no target makes it throw, and none is longer than a name may be', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (target) => grpcServerOf(target).host.length <= 512),
  )
})
