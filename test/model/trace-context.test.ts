import { describe, expect, test } from 'vitest'

import { formatTraceparent, isSpanId, isTraceId, parseTraceparent } from '../../src/model/trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

describe('traceparent', () => {
  test.each([
    ['version 00', `00-${TRACE}-${SPAN}-01`, 1],
    ['the random flag', `00-${TRACE}-${SPAN}-03`, 3],
    ['unknown flags are kept', `00-${TRACE}-${SPAN}-ff`, 255],
    ['a future version', `cc-${TRACE}-${SPAN}-01`, 1],
    ['a future version with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-holds`, 1],
    ['blanks around it', ` \t00-${TRACE}-${SPAN}-00 `, 0],
  ])('reads %s', (_, text, flags) => {
    expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, flags })
  })

  test.each([
    ['nothing', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more fields in version 00', `00-${TRACE}-${SPAN}-01-x`],
    ['a trailing dash in version 00', `00-${TRACE}-${SPAN}-01-`],
    ['a future version run on', `cc-${TRACE}-${SPAN}-01.x`],
    ['capital letters', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a zero trace id', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a zero span id', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a long span id', `00-${TRACE}-${SPAN}0-01`],
    ['a folded header', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['a folded header of a future version', `cc-${TRACE}-${SPAN}-01-x, 00-${TRACE}-${SPAN}-01`],
    ['a line break', `00-${TRACE}-${SPAN}-01\n`],
    ['one hex digit of flags', `00-${TRACE}-${SPAN}-1`],
    ['no version', `${TRACE}-${SPAN}-01`],
    ['a very long text', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`],
  ])('drops %s', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined()
  })

  test('is written in version 00', () => {
    expect(formatTraceparent({ traceId: TRACE, spanId: SPAN, flags: 3 })).toBe(`00-${TRACE}-${SPAN}-03`)
  })
})

test.each([
  [TRACE, true],
  [TRACE.toUpperCase(), false],
  ['0'.repeat(32), false],
  ['abc123xyz', false],
  ['', false],
])('isTraceId(%s) is %s', (text, expected) => {
  expect(isTraceId(text)).toBe(expected)
})

test.each([
  [SPAN, true],
  ['0'.repeat(16), false],
  [`${SPAN}\n`, false],
  ['', false],
])('isSpanId(%j) is %s', (text, expected) => {
  expect(isSpanId(text)).toBe(expected)
})
