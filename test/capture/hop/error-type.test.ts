import { parse } from 'node:querystring'

import { expect, test } from 'vitest'

import { errorTypeOf } from '../../../src/capture/hop/error-type.ts'

class Refused extends Error {}

/** As Node makes it of a signal. */
function abortOf(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' })
}

test.each([
  ['a code', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['a class', new Refused('x'), 'Refused'],
  ['fetch failed', new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }), 'ENOTFOUND'],
  ['a text', 'boom', 'Error'],
  ['an abort', new DOMException('x', 'AbortError'), 'AbortError'],
  ['a time-out', new DOMException('x', 'TimeoutError'), 'TimeoutError'],
  ['another DOMException', new DOMException('x', 'DataCloneError'), 'DataCloneError'],
  ['an abort by Node', abortOf(AbortSignal.abort().reason), 'AbortError'],
  ['a time-out by Node', abortOf(new DOMException('x', 'TimeoutError')), 'TimeoutError'],
  ['an abort by undici', Object.assign(abortOf(undefined), { code: 'UND_ERR_ABORTED' }), 'AbortError'],
  ['a time-out with a code', Object.assign(new Error('x'), { name: 'TimeoutError', code: 'ETIMEDOUT' }), 'ETIMEDOUT'],
  ['nothing', undefined, 'undefined'],
  ['a plain object', {}, 'Error'],
  ['a named object', { name: 'Problem' }, 'Problem'],
])('%s is called by what is short and of few values', (_what, error, expected) => {
  expect(errorTypeOf(error)).toBe(expected)
})

const throwing = (key: string): object =>
  Object.defineProperty(new TypeError('x'), key, {
    get() {
      throw new Error(`read ${key}`)
    },
  })
const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

test.each([
  ['an object without prototype', parse('error=denied'), 'Error'],
  ['a revoked Proxy', revoked(), 'Error'],
  ['a getter `code` that throws', throwing('code'), 'TypeError'],
  ['a getter `cause` that throws', throwing('cause'), 'TypeError'],
  ['a getter `name` that throws', throwing('name'), 'TypeError'],
  ['a getter `constructor` that throws', throwing('constructor'), 'TypeError'],
])('%s has a name all the same', (_what, error, expected) => {
  expect(errorTypeOf(error)).toBe(expected)
})

test('an error that is its own cause has a name', () => {
  const error: Error & { code?: unknown } = new TypeError('x')
  error.cause = error
  error.code = 7
  expect(errorTypeOf(error)).toBe('TypeError')
})
