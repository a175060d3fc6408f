import { expect, test } from 'vitest'

import { configOf } from './harness.ts'

test('TRACELOG_IGNORE_PATHS replaces the health checks', () => {
  expect(configOf({}).hops.ignorePaths).toContain('/healthz')
  expect(configOf({ TRACELOG_IGNORE_PATHS: '/up, /internal/*' }).hops.ignorePaths).toEqual(['/up', '/internal/*'])
})
