import { expect, test } from 'vitest'

import { configOf, expectProblem } from './harness.ts'

test("TRACELOG_COMPONENT is this process's role", () => {
  expect(configOf({}).hops.component).toBeUndefined()
  expect(configOf({ TRACELOG_COMPONENT: 'load_balancer' }).hops.component).toBe('load_balancer')
})

test('a wrong TRACELOG_COMPONENT is one loud problem, then the default', () => {
  expectProblem(
    { TRACELOG_COMPONENT: 'proxy' },
    'TRACELOG_COMPONENT is "proxy", but must be one of load_balancer, http_server, cache, client, app',
  )
})
