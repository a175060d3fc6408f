import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  EMPTY_MEMBER,
  formatTracelogMember,
  MAX_MEMBER_LENGTH,
  parseTracelogMember,
} from '../../src/model/tracelog-member.ts'
import * as arbitrary from '../support/otlp-arbitraries.ts'

const A = 'b7ad6b7169203331'
const B = '00f067aa0ba902b7'

describe('our member of tracestate', () => {
  test.each([
    ['d:1', { ...EMPTY_MEMBER, isDumpAsked: true }],
    ['p:3.2', { ...EMPTY_MEMBER, taskPath: '3.2' }],
    [`r:${A}.${B}`, { ...EMPTY_MEMBER, requestPath: [A, B] }],
    [`d:1;p:3;r:${A};x:new`, { isDumpAsked: true, taskPath: '3', requestPath: [A], others: ['x:new'] }],
  ])('%s is read', (text, expected) => {
    expect(parseTracelogMember(text)).toEqual(expected)
  })

  test.each([
    '',
    'd',
    'd:',
    'd:2',
    'D:1',
    'd:1;',
    ';d:1',
    'd:1;d:1',
    'p:a',
    'p:1..2',
    `r:${A}.zz`,
    'x:a b',
    'x:a=b',
    `x:${'y'.repeat(255)}`,
  ])('%j is ignored whole', (text) => {
    expect(parseTracelogMember(text)).toBeUndefined()
  })

  test('survives a round trip', () => {
    const member = fc.record({
      isDumpAsked: fc.boolean(),
      taskPath: fc.oneof(
        fc.constant(''),
        fc.array(fc.nat(999), { minLength: 1, maxLength: 4 }).map((path) => path.join('.')),
      ),
      requestPath: fc.array(arbitrary.spanId, { maxLength: 8 }),
      others: fc.constantFrom<readonly string[]>([], ['x:1'], ['a:b', 'z:9.9']),
    })
    fc.assert(
      fc.property(member, (given) => {
        const text = formatTracelogMember(given)
        expect(text === '' ? EMPTY_MEMBER : parseTracelogMember(text)).toEqual(given)
      }),
    )
  })

  test('at 256 characters the oldest ids go first', () => {
    const ids = Array.from({ length: 30 }, (_, i) => `b7ad6b71692033${(i + 16).toString(16)}`)
    const text = formatTracelogMember({ ...EMPTY_MEMBER, isDumpAsked: true, requestPath: ids, others: ['x:1'] })
    expect(text.length).toBeLessThanOrEqual(MAX_MEMBER_LENGTH)
    expect(text.length).toBeGreaterThan(MAX_MEMBER_LENGTH - 17)
    expect(parseTracelogMember(text)).toMatchObject({ isDumpAsked: true, others: ['x:1'] })
    expect(text.endsWith(ids[29]!)).toBe(true)
  })

  test('a dump that was asked for is never left out', () => {
    const text = formatTracelogMember({
      isDumpAsked: true,
      taskPath: '1.'.repeat(200) + '1',
      requestPath: [A],
      others: ['x:'.padEnd(250, 'y')],
    })
    expect(text).toBe(`d:1;r:${A}`)
  })
})
