/** Which traces are kept, and what that means for their records. */
import { expect, test } from 'vitest'

import { shop } from './run.ts'

test.each([
  { env: {}, isKept: true },
  { env: { OTEL_TRACES_SAMPLER: 'always_off' }, isKept: false },
  { env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, isKept: false },
  { env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, isKept: true },
])('with $env a trace is kept, and its spans are sent: $isKept; its records always are', async ({ env, isKept }) => {
  const { exchanges, spans, logs } = await shop(['/x'], env)
  const flags = Number.parseInt(exchanges[0]!.request['traceparent']!.slice(-2), 16)
  expect((flags & 1) === 1).toBe(isKept)
  expect(spans).toHaveLength(isKept ? 2 : 0)
  expect(logs.map(({ record }) => record.body)).toContain('handled')
})

test('TRACELOG_LOGS_FOLLOW_SAMPLING=on: the records of a trace that is not kept are not sent either', async () => {
  const env = { OTEL_TRACES_SAMPLER: 'always_off', TRACELOG_LOGS_FOLLOW_SAMPLING: 'on' }
  expect((await shop(['/x'], env)).logs).toEqual([])
})
