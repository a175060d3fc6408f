import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { expect, test } from 'vitest'

import { InheritedContext } from '../../src/context/inherited-context.ts'

const GIVEN = ROOT_CONTEXT.setValue(createContextKey('given'), true)
const pairs = ['TRACEPARENT=x']

test('holds until its first work is over, and is then handed on to no child', () => {
  const inherited = new InheritedContext(GIVEN, { pairs })
  expect([inherited.active(), inherited.stalePairs()]).toEqual([GIVEN, []])
  inherited.end()
  expect([inherited.active(), inherited.stalePairs()]).toEqual([ROOT_CONTEXT, pairs])
})

test('variables that were not understood are left to the application', () => {
  expect(new InheritedContext(ROOT_CONTEXT, { pairs }).stalePairs()).toEqual([])
})

test('a process that has outlived its parent has lost it, though it does not look each time', () => {
  let [parent, now] = [7, 0]
  const inherited = new InheritedContext(GIVEN, { parentPid: () => parent, nowMillis: () => now })
  parent = 1
  now = 99
  expect(inherited.active()).toBe(GIVEN)
  now = 100
  expect(inherited.active()).toBe(ROOT_CONTEXT)
  parent = 7
  now = 1_000
  expect(inherited.active()).toBe(ROOT_CONTEXT)
})
