/** Tasks where nothing was started: the functions run, and that is all. */
import { expect, test } from 'vitest'

import { currentTask, goal, importTask, startTask, task, to, wrap } from '../../src/index.ts'

const NOTHING = '0'.repeat(32)

test('what is given comes back, the same object', () => {
  const promise = Promise.resolve(42)
  expect(task('x', () => 42)).toBe(42)
  expect(to('x', { level: 'debug' }, () => promise) === promise).toBe(true)
  expect(importTask('no token', 'x', {}, () => promise) === promise).toBe(true)
  const later = () => 42
  expect(wrap(later)).toBe(later)
  expect(goal('x')).toBeTypeOf('function')
  expect(() => to('x', () => raise(new Error('its own')))).toThrow('its own')
})

test('the task does nothing', async () => {
  using byHand = startTask('x')
  byHand.progress(1)
  byHand.fail(new Error('no'))
  expect(byHand.run(() => currentTask())).toBeUndefined()
  expect(to('y', (self) => [self.goal, self.traceId, self.bind({ a: 1 }).token()])).toEqual(['y', NOTHING, ''])
  await byHand[Symbol.asyncDispose]()
})

function raise(error: Error): never {
  throw error
}
