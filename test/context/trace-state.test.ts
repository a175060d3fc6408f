import { describe, expect, test } from 'vitest'

import { parseTraceState, withOwnParts } from '../../src/context/trace-state.ts'

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
    expect(withOwnParts(state, { requestPath: [A, B] })?.serialize()).toBe(expected)
  })

  test('the oldest ids go first, the newest is always there', () => {
    const ids = Array.from({ length: 20 }, (_, at) => String(at + 1).padStart(16, '0'))
    const value = withOwnParts(parseTraceState('tracelog=d:1'), { requestPath: ids })?.get('tracelog') ?? ''
    expect(value.length).toBeLessThanOrEqual(256)
    expect(value).toBe(`d:1;r:${ids.slice(-14).join('.')}`)
  })
})

describe('the path of a task in our own member', () => {
  test.each([
    ['no state', undefined, '3.2', 'tracelog=p:3.2'],
    [
      'the path of the caller, which is replaced',
      'x=1,tracelog=d:1;p:9.9;q:new',
      '3.2',
      'tracelog=d:1;p:3.2;q:new,x=1',
    ],
    ['the path of the caller, and no task', 'x=1,tracelog=d:1;p:9.9', '', 'tracelog=d:1,x=1'],
    ['nothing but the path of the caller, and no task', 'x=1,tracelog=p:9.9', '', 'x=1'],
    ['nothing else at all, and no task', 'tracelog=p:9.9', '', undefined],
  ])('with %s', (_, header, taskPath, expected) => {
    const state = header === undefined ? undefined : parseTraceState(header)
    expect(withOwnParts(state, { taskPath })?.serialize()).toBe(expected)
  })

  test('ids of the request go before it, a dump that is asked for never', () => {
    const taskPath = '9.'.repeat(119) + '9'
    const parts = { taskPath, isDumpAsked: true, requestPath: [A, B] }
    expect(withOwnParts(undefined, parts)?.get('tracelog')).toBe(`d:1;p:${taskPath}`)
    expect(withOwnParts(undefined, { ...parts, taskPath: `9.${taskPath}9999999` })?.get('tracelog')).toBe(
      `d:1;p:9.${taskPath}9999999`,
    )
    expect(withOwnParts(undefined, { ...parts, taskPath: `9.9.9.${taskPath}99999999` })?.get('tracelog')).toBe(
      `d:1;r:${A}.${B}`,
    )
  })
})
