import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('TRACELOG_DEBUG prints one line at start', () => {
  expect(configOf({}).isDebug).toBe(false)
  expect(configOf({ TRACELOG_DEBUG: '1' }).isDebug).toBe(true)
})
