/** When may records come straight as bytes? Only where no stage wants to see them. */
import { expect, test } from 'vitest'

import { createEncodedSink } from '../../src/app/sinks.ts'
import { readAppConfig } from '../../src/config/app-config.ts'
import { createRedactor } from '../../src/process/redactor.ts'

function sinkOf(env: Readonly<Record<string, string>>, takesBytes = true) {
  const { config } = readAppConfig({ ...env })
  const pipeline = { takesBytes: () => takesBytes } as never
  return createEncodedSink({ config, redactor: createRedactor(), pipeline })
}

test.each([
  [{}, true, true],
  [{ TRACELOG_RECORD_UID: 'on' }, false, true],
  [{ TRACELOG_LOGS_FOLLOW_SAMPLING: 'on' }, false, true],
  [{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '3' }, true, false],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10' }, true, false],
])('with %j: records %s, spans %s', (env, logs, spans) => {
  const sink = sinkOf(env)
  expect([sink.takes('logs'), sink.takes('spans')]).toEqual([logs, spans])
})

test('nor where the pipeline takes none: a console, its end', () => {
  expect(sinkOf({}, false).takes('logs')).toBe(false)
})
