import { expect, test } from 'vitest'

import { toldRecords } from '../../../src/backend/receive/told-records.ts'
import { transcodeJson } from '../../../src/backend/receive/transcode-json.ts'
import { withoutRecords } from '../../../src/backend/receive/without-records.ts'
import { decodeLogsRequest } from '../../../src/model/otlp-decode.ts'

function requestOf(eventNames: readonly string[], scope = 'tracelog.return'): Uint8Array {
  const resourceLogs = eventNames.map((eventName) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'x' } }] },
    scopeLogs: [{ scope: { name: scope }, logRecords: [{ body: { stringValue: eventName } }, { eventName }] }],
  }))
  return transcodeJson('logs', Buffer.from(JSON.stringify({ resourceLogs })))
}

const eventsOf = (bytes: Uint8Array): string[] =>
  decodeLogsRequest(bytes).flatMap(({ scopes }) => scopes.flatMap(({ records }) => records.map((r) => r.eventName)))

test('what a service says to a stream alone is found, and everything else stays', () => {
  const bytes = requestOf([
    'tracelog.return.bound',
    'tracelog.return.granted',
    'tracelog.return.output',
    'tracelog.return.over',
  ])
  const told = toldRecords(bytes)
  expect(told.size).toBe(3)
  expect(eventsOf(withoutRecords('logs', bytes, told)).filter((name) => name !== '')).toEqual([
    'tracelog.return.granted',
  ])
})

test('what a logger of the application gives such a name stays: it may be from what a client has sent', () => {
  expect(toldRecords(requestOf(['tracelog.return.output'], 'app')).size).toBe(0)
})

test.each([
  ['nothing', new Uint8Array()],
  ['no request', Buffer.from('tracelog.return.output')],
])('%s has none', (_name, bytes) => {
  expect(toldRecords(bytes).size).toBe(0)
})
