import { expect, test } from 'vitest'

import type { LogRecord } from '../../src/model/log-record.ts'
import { Seen } from '../../src/testing/seen.ts'

const RECORD: LogRecord = {
  timeUnixNano: 1n,
  observedTimeUnixNano: 1n,
  severityNumber: 9,
  severityText: '',
  eventName: '',
  body: 'a line',
  attributes: {},
  traceId: '',
  spanId: 'b'.repeat(16),
  traceFlags: 1,
  droppedAttributesCount: 0,
}
const TRACES = 300

test('a capture of many traces looks at each record a few times, however many traces there are', () => {
  const seen = new Seen(25)
  let reads = 0
  for (let i = 0; i < TRACES; i++) {
    const traceId = String(i + 1).padStart(32, '0')
    const record = Object.defineProperty({ ...RECORD }, 'traceId', { get: () => (reads++, traceId), enumerable: true })
    seen.log(record, { name: 'a', version: '' }, false)
  }
  const { tree } = seen.captured({})
  expect(tree.roots.length).toBeGreaterThanOrEqual(TRACES)
  expect(reads).toBeLessThan(TRACES * 30)
})
