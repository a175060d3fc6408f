/** When may records come straight as bytes? Only where no stage wants to see them. */
import { expect, test } from 'vitest'

import { createEncodedSink } from '../../src/app/sinks.ts'
import type { GivenObjects } from '../../src/app/start-options.ts'
import { createUserProcessors } from '../../src/app/user-processors.ts'
import { createClock } from '../../src/diag/clock.ts'
import { readAppConfig } from '../../src/config/app-config.ts'
import { createRedactor } from '../../src/process/redactor.ts'

function sinkOf(env: Readonly<Record<string, string>>, takesBytes = true, given: GivenObjects = {}) {
  const { config } = readAppConfig({ ...env })
  const pipeline = { takesBytes: () => takesBytes } as never
  const clock = createClock()
  return createEncodedSink({
    config,
    clock,
    redactor: createRedactor(),
    pipeline,
    processors: createUserProcessors(given),
  })
}

test.each([
  [{}, true, true],
  [{ TRACELOG_RECORD_UID: 'on' }, false, true],
  [{ TRACELOG_LOGS_FOLLOW_SAMPLING: 'on' }, false, true],
  [{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '3' }, true, false],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10' }, true, false],
  [{ OTEL_TRACES_SAMPLER: 'always_on' }, true, false],
])('with %j: records %s, spans %s', (env, logs, spans) => {
  const sink = sinkOf(env)
  expect([sink.takes('logs'), sink.takes('spans')]).toEqual([logs, spans])
})

test('nor where the pipeline takes none: a console, its end', () => {
  expect(sinkOf({}, false).takes('logs')).toBe(false)
})

test('nor where a processor of the application wants to see them, of its signal', () => {
  const processor = { onEmit() {}, onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} }
  const forLogs = sinkOf({}, true, { logRecordProcessors: [processor] })
  expect([forLogs.takes('logs'), forLogs.takes('spans')]).toEqual([false, true])
  const forSpans = sinkOf({}, true, { spanProcessors: [processor] })
  expect([forSpans.takes('logs'), forSpans.takes('spans')]).toEqual([true, false])
})
