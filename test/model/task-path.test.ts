import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fromMemberPath, isTaskPath, MAX_TASK_PATH, pathBelow, toMemberPath } from '../../src/model/task-path.ts'
import { EMPTY_MEMBER, formatTracelogMember, parseTracelogMember } from '../../src/model/tracelog-member.ts'

describe('the path of a task', () => {
  test.each([
    ['1', true],
    ['3/2/4', true],
    ['999999999', true],
    ['0/0', true],
    ['', false],
    ['1234567890', false],
    ['3/', false],
    ['/3', false],
    ['3//2', false],
    ['3.2', false],
    ['3/2\n', false],
    [' 3', false],
    ['٣', false],
    [`${'1/'.repeat(127)}12`, true],
    [`${'1/'.repeat(127)}123`, false],
  ])('%j travels: %s', (text, expected) => {
    expect(isTaskPath(text)).toBe(expected)
  })

  test.each([
    ['', 3, '3'],
    ['3', 2, '3/2'],
    ['3/2', 4, '3/2/4'],
  ])('below %j the number %i is %j', (path, number, expected) => {
    expect(pathBelow(path, number)).toBe(expected)
  })

  test('any numbers make a path that travels, as far as 256 characters hold it', () => {
    const numbers = fc.array(fc.nat(999_999_999), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(numbers, (given) => {
        const path = given.reduce(pathBelow, '')
        expect(path).toBe(given.join('/'))
        expect(isTaskPath(path)).toBe(path.length <= MAX_TASK_PATH)
      }),
    )
  })

  test('it comes back from our member of tracestate as it was', () => {
    const path = fc.array(fc.nat(999), { minLength: 1, maxLength: 60 }).map((numbers) => numbers.join('/'))
    fc.assert(
      fc.property(path, (given) => {
        const text = formatTracelogMember({ ...EMPTY_MEMBER, taskPath: toMemberPath(given) })
        expect(fromMemberPath(parseTracelogMember(text)?.taskPath ?? '')).toBe(given)
      }),
    )
  })
})
