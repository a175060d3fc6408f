import { describe, expect, test } from 'vitest'

import { parseTraceState, withRequestPath } from '../../src/context/trace-state.ts'

const [A, B] = ['a'.repeat(16), 'b'.repeat(16)] as const

describe('the path of a request in our own member', () => {
  test.each([
    ['no state', undefined, `tracelog=r:${A}.${B}`],
    ['members of others', 'x=1,y=2', `tracelog=r:${A}.${B},x=1,y=2`],
    ['other parts', 'x=1,tracelog=d:1;q:new', `tracelog=d:1;q:new;r:${A}.${B},x=1`],
    ['a shorter path', `tracelog=r:${A}`, `tracelog=r:${A}.${B}`],
    ['a malformed member', 'tracelog=d:2;q:new', `tracelog=r:${A}.${B}`],
  ])('with %s', (_, header, expected) => {
    const state = header === undefined ? undefined : parseTraceState(header)
    expect(withRequestPath(state, [A, B])?.serialize()).toBe(expected)
  })

  test('the oldest ids go first, the newest is always there', () => {
    const ids = Array.from({ length: 20 }, (_, at) => String(at + 1).padStart(16, '0'))
    const value = withRequestPath(parseTraceState('tracelog=d:1'), ids)?.get('tracelog') ?? ''
    expect(value.length).toBeLessThanOrEqual(256)
    expect(value).toBe(`d:1;r:${ids.slice(-14).join('.')}`)
  })
})
