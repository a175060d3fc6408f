import { runInNewContext } from 'node:vm'

import { describe, expect, test } from 'vitest'

import type { AnyValue } from '../../src/model/any-value.ts'
import { addException, isErrorLike } from '../../src/record/exception.ts'
import { isReported, reportOnce } from '../../src/record/reported-errors.ts'

function attributesOf(error: object): Record<string, AnyValue> {
  const attributes: Record<string, AnyValue> = {}
  addException(attributes, error)
  return attributes
}
class NotFoundError extends Error {
  readonly status = 404
}

describe('type', () => {
  test.each<[string, object, string | undefined]>([
    ['the class', new NotFoundError('x'), 'NotFoundError'],
    ['a built-in class', new TypeError('x'), 'TypeError'],
    ['a name of its own', Object.assign(new Error('x'), { name: 'Custom' }), 'Custom'],
    ['another realm', runInNewContext('new RangeError("x")') as object, 'RangeError'],
    ['an object with a stack', { stack: 'DbError: x\n    at y' }, 'DbError'],
    ['DOMException', new DOMException('x', 'AbortError'), 'DOMException'],
  ])('%s', (_what, error, expected) => {
    expect(attributesOf(error)['exception.type']).toBe(expected)
  })
})

test('a chain of causes is kept to its fifth', () => {
  let error = new Error('0')
  for (let index = 1; index < 9; index++) error = new Error(String(index), { cause: error })
  let cause = attributesOf(error)['exception.cause']
  const messages: unknown[] = []
  while (typeof cause === 'object' && cause !== null) {
    messages.push((cause as Record<string, AnyValue>)['message'])
    cause = (cause as Record<string, AnyValue>)['cause'] as AnyValue
  }
  expect(messages).toEqual(['7', '6', '5', '4', '3'])
})

test('own fields are told once, under exception.', () => {
  const { 'exception.stacktrace': _stack, ...rest } = attributesOf(
    Object.assign(new NotFoundError('x'), { code: 'E1' }),
  )
  expect(rest).toEqual({
    'exception.type': 'NotFoundError',
    'exception.message': 'x',
    'exception.status': 404,
    'exception.code': 'E1',
  })
})

test('what the application made of a field or of the stack counts', () => {
  const attributes: Record<string, AnyValue> = {}
  addException(attributes, Object.assign(new Error('x'), { secret: 's' }), {
    fieldOf: () => '[hidden]',
    stack: undefined,
  })
  expect(attributes).toEqual({ 'exception.type': 'Error', 'exception.message': 'x', 'exception.secret': '[hidden]' })
})

test.each([
  [new Error('x'), true],
  [runInNewContext('new Error("x")'), true],
  [{ stack: 'x' }, true],
  [{ message: 'x', code: 1, name: 'n' }, false],
  [{ stack: 1 }, false],
  ['Error', false],
  [null, false],
])('%o is like an error: %s', (value, expected) => {
  expect(isErrorLike(value)).toBe(expected)
})

test('an error is reported once, a thrown text each time', () => {
  const error = new Error('x')
  expect([reportOnce(error), reportOnce(error), isReported(error)]).toEqual([true, false, true])
  expect([reportOnce('text'), reportOnce('text'), isReported('text')]).toEqual([true, true, false])
})
