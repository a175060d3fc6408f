import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cacheStatus, ownLines, type HeadFormat } from '../../../src/capture/http/own-headers.ts'
import { RequestUnit } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import { readCacheStatus } from '../../../src/model/cache-status.ts'

const unit = new RequestUnit({
  ids: SpanIds.of('0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'),
  traceFlags: 1,
  method: 'GET',
  path: '/',
  startedMillis: 0,
  isPeerTrusted: true,
})
const FORMAT: HeadFormat = { has: () => false, statusOf: () => 200, line: (name, value) => `${name}: ${value}\r\n` }
const own = (head: string) => ownLines(head, FORMAT, { unit, options: { serviceName: () => 'api' } })
const LINE = 'Server-Timing: trace;desc=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n'

test('a head of the usual size gets the trace', () => {
  expect(own('HTTP/1.1 200 OK\r\n\r\n')).toEqual({ text: LINE, count: 1 })
})

test('no head is carried over a multiple of 4 KiB, where the limits of proxies and clients are', () => {
  fc.assert(
    fc.property(fc.nat({ max: 70_000 }), (length) => {
      const { text } = own('x'.repeat(length))
      const steps = [length, length + LINE.length].map((size) => Math.floor(size / 4_096))
      expect(text).toBe(steps[0] === steps[1] ? LINE : '')
    }),
  )
})

test.each([
  ['api', true, 'api; hit'],
  ['api server', false, '"api server"; fwd=miss'],
  ['caché "x"', true, String.raw`"cach? \"x\""; hit`],
])('%s writes %s as %s', (name, hit, expected) => {
  expect(cacheStatus(name, hit)).toBe(expected)
  expect(readCacheStatus(expected)).toBe(hit)
})
