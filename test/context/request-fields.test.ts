/** What `requestFields()` states of a request. */
import { context } from '@opentelemetry/api'
import { expect, test } from 'vitest'

import { requestFields } from '../../src/context/current-request.ts'
import { withUnit, RequestUnit } from '../../src/context/request-unit.ts'
import { SpanIds } from '../../src/context/span-ids.ts'
import { createHopKit } from '../support/hop-kit.ts'

createHopKit()

function unitWith(fields: Record<string, string>): RequestUnit {
  const unit = new RequestUnit({
    ids: SpanIds.ofRoot(),
    traceFlags: 1,
    method: 'GET',
    path: '/users/7',
    startedMillis: 0,
    isPeerTrusted: false,
  })
  context.with(withUnit(context.active(), unit), () => requestFields(fields))
  return unit
}

test.each([
  { fields: { tenant: 'acme' }, route: undefined },
  { fields: { 'http.route': '/users/:id', tenant: 'acme' }, route: '/users/:id' },
  { fields: { 'http.route': 7 as unknown as string }, route: undefined },
])('$fields: the route is $route', ({ fields, route }) => {
  expect(unitWith(fields as never)).toMatchObject({ route, fields })
})
