/** Which libraries are heard. */
import { expect, test } from 'vitest'

import { run, shop } from './run.ts'

test('OTEL_NODE_DISABLED_INSTRUMENTATIONS: all but these are heard', async () => {
  const { logs, spans } = await shop(['/x'], { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' })
  expect(logs.map(({ record }) => record.body)).toEqual(['handled'])
  expect(spans).toEqual([])
})

test('OTEL_NODE_ENABLED_INSTRUMENTATIONS: only these are heard', async () => {
  const { logs, spans } = await shop(['/x'], { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' })
  expect(logs.map(({ record }) => record.body)).not.toContain('handled')
  expect(spans).toHaveLength(2)
})

// The line is heard either way; what differs is whether winston formats lines that nobody takes (test/capture/loggers).
test.each(['on', 'off'])('TRACELOG_WINSTON_GATE=%s: what is said arrives once', async (value) => {
  const { logs } = await run('env/says.cjs', ['{"message":"once"}'], { TRACELOG_WINSTON_GATE: value })
  expect(logs.map(({ record }) => record.body)).toEqual(['once'])
})
