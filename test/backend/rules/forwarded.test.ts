import { expect, test } from 'vitest'

import { forwarded } from '../../../src/backend/rules/deliver/forwarded.ts'
import { transcodeJson } from '../../../src/backend/receive/transcode-json.ts'
import { decodeLogsRequest } from '../../../src/model/otlp-decode.ts'

const hopsOf = (bytes: Uint8Array): unknown[] =>
  decodeLogsRequest(bytes).map(({ resource }) => resource.attributes['tracelog.forwarded'])

test('each hop is counted, also where nobody has named a resource, and after three it ends', () => {
  const scopeLogs = [{ logRecords: [{ body: { stringValue: 'a' } }] }]
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 's' } }] }
  const request = { resourceLogs: [{ scopeLogs }, { resource, scopeLogs }] }
  let part = {
    delivery: 0,
    signal: 'logs' as const,
    bytes: transcodeJson('logs', Buffer.from(JSON.stringify(request))),
    count: 2,
  }
  for (const hop of [1, 2, 3]) {
    const sent = forwarded(part)
    part = { ...part, ...sent.part, signal: 'logs' }
    expect([hopsOf(part.bytes), part.count, sent.looped]).toEqual([[hop, hop], 2, 0])
  }
  expect(forwarded(part)).toMatchObject({ looped: 2, part: { count: 0 } })
})
