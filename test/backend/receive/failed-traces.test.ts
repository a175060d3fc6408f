import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { failedTraces } from '../../../src/backend/receive/failed-traces.ts'
import { transcodeJson } from '../../../src/backend/receive/transcode-json.ts'

const A = 'a'.repeat(32)

interface Sent {
  readonly eventName?: string
  readonly severityNumber?: number
  readonly traceId?: string
  readonly attributes?: readonly object[]
}

function found(...records: readonly Sent[]): { dumped: string[]; failed: string[]; suppressed: string[] } {
  // One resource and scope for each, as records of several services come.
  const resourceLogs = records.map((record) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'x' } }] },
    scopeLogs: [{ scope: { name: 'x' }, logRecords: [{ body: { stringValue: 'text' }, ...record }] }],
  }))
  const { dumped, failed, suppressed } = failedTraces(
    transcodeJson('logs', Buffer.from(JSON.stringify({ resourceLogs }))),
  )
  return { dumped: [...dumped], failed: [...failed], suppressed: [...suppressed] }
}

const HEADER = { eventName: 'tracelog.recorder.dump', severityNumber: 13, traceId: A }
const attribute = (key: string, value: object) => ({ key, value })
const NONE = { dumped: [], failed: [], suppressed: [] }

test.each([
  ["a dump's header", HEADER, { ...NONE, dumped: [A] }],
  [
    'one with nothing kept',
    { ...HEADER, attributes: [attribute('tracelog.dump.kept', { boolValue: false })] },
    { ...NONE, dumped: [A] },
  ],
  [
    'one of too many',
    { ...HEADER, attributes: [attribute('x', {}), attribute('tracelog.dump.suppressed', { boolValue: true })] },
    { ...NONE, suppressed: [A] },
  ],
  ['a header without a trace', { ...HEADER, traceId: '' }, NONE],
  [
    'a request that failed',
    { eventName: 'tracelog.http.server.end', severityNumber: 17, traceId: A },
    { ...NONE, failed: [A] },
  ],
  ["a balancer's", { eventName: 'tracelog.lb.end', severityNumber: 17, traceId: A }, { ...NONE, failed: [A] }],
  ['a message', { eventName: 'tracelog.message.end', severityNumber: 17, traceId: A }, { ...NONE, failed: [A] }],
  ['a request that went well', { eventName: 'tracelog.http.server.end', severityNumber: 9, traceId: A }, NONE],
  ['one whose client was gone', { eventName: 'tracelog.http.server.end', severityNumber: 13, traceId: A }, NONE],
  ['an error within a request', { severityNumber: 17, traceId: A }, NONE],
  ['a look-up that failed', { eventName: 'tracelog.cache.end', severityNumber: 17, traceId: A }, NONE],
])('of %s', (_what, record, expected) => {
  expect(found(record)).toEqual(expected)
})

test('each trace once, whatever stands between', () => {
  const other = 'b'.repeat(32)
  const line = { severityNumber: 5, traceId: other }
  const failed = { eventName: 'tracelog.http.server.end', severityNumber: 17, traceId: other }
  expect(found(line, HEADER, line, HEADER, failed, line)).toEqual({ ...NONE, dumped: [A], failed: [other] })
})

test('bytes of anybody: no fault, and no trace that is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const id of failedTraces(bytes).dumped) expect(id).toMatch(/^[0-9a-f]{32}$/)
    }),
  )
})
