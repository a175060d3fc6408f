import { expect, test } from 'vitest'

import { SpanIds } from '../../src/context/span-ids.ts'
import { isSpanId, isTraceId } from '../../src/model/trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'

const hexOf = ({ bytes, at }: SpanIds) => Buffer.from(bytes.subarray(at, at + 24)).toString('hex')

test.each([
  ['of a span that begins a trace', () => SpanIds.ofRoot()],
  ["of a span in a caller's trace", () => SpanIds.inTrace(TRACE)],
  ['of a span that has ids', () => SpanIds.of(TRACE, 'b7ad6b7169203331')],
  ['of a span below another', () => SpanIds.ofRoot().child()],
])('bytes and hex say the same, %s', (_, make) => {
  // More than one block of random bytes.
  for (let i = 0; i < 400; i++) {
    const ids = make()
    expect(hexOf(ids)).toBe(ids.traceId + ids.spanId)
    expect([isTraceId(ids.traceId), isSpanId(ids.spanId)]).toEqual([true, true])
  }
})

test('a span below another is in its trace, with a span id of its own', () => {
  const parent = SpanIds.inTrace(TRACE)
  const ids = [parent, parent.child(), parent.child().child()]
  expect(ids.map(({ traceId }) => traceId)).toEqual([TRACE, TRACE, TRACE])
  expect(new Set(ids.map(({ spanId }) => spanId)).size).toBe(3)
})

test('ids are never given twice', () => {
  const given = Array.from({ length: 2_000 }, () => SpanIds.ofRoot())
  expect(new Set(given.map(({ traceId }) => traceId)).size).toBe(2_000)
  expect(new Set(given.map(({ spanId }) => spanId)).size).toBe(2_000)
})
