import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { checkRequest, MAX_ATTRIBUTES, MAX_NESTING, MAX_RECORDS } from '../../../src/backend/receive/check-request.ts'
import { isRefusal } from '../../../src/backend/receive/receive-sink.ts'
import { withoutRecords } from '../../../src/backend/receive/without-records.ts'
import { decodeLogsRequest, decodeTracesRequest } from '../../../src/model/otlp-decode.ts'
import { protobufjsDecode, protobufjsEncode } from '../../support/otlp-proto.ts'
import { logsRequest, spansRequest } from '../support/otlp-objects.ts'

const logs = (request: Record<string, unknown>): Uint8Array => protobufjsEncode('ExportLogsServiceRequest', request)
const withRecords = (logRecords: readonly object[]): Record<string, unknown> => ({
  resourceLogs: [{ scopeLogs: [{ logRecords }] }],
})
const attributes = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: { intValue: '1' } }))

function nested(levels: number): object {
  let value: object = { stringValue: 'in' }
  for (let level = 1; level < levels; level++) value = { arrayValue: { values: [value] } }
  return value
}

function refusalOf(bytes: Uint8Array): string {
  try {
    checkRequest('logs', bytes)
  } catch (error) {
    if (isRefusal(error)) return `${error.kind}: ${error.message}`
    throw error
  }
  return 'taken'
}

/** What is acknowledged must never make the store stumble. */
function expectDecodableWhenTaken(signal: 'logs' | 'spans', bytes: Uint8Array): void {
  try {
    checkRequest(signal, bytes)
  } catch (error) {
    if (isRefusal(error)) return
    throw error
  }
  expect(() => (signal === 'logs' ? decodeLogsRequest(bytes) : decodeTracesRequest(bytes))).not.toThrow()
}

function countIn(request: Record<string, unknown>, [outer, middle, inner]: readonly [string, string, string]): number {
  const resources = (request[outer] ?? []) as Record<string, Record<string, unknown[]>[]>[]
  return resources.flatMap((resource) => resource[middle] ?? []).flatMap((scope) => scope[inner] ?? []).length
}

describe('a request before its acknowledgement', () => {
  test('is counted right, whatever it holds', () => {
    fc.assert(
      fc.property(logsRequest, (request) => {
        const expected = countIn(request, ['resourceLogs', 'scopeLogs', 'logRecords'])
        expect(checkRequest('logs', logs(request)).records).toBe(expected)
      }),
    )
    fc.assert(
      fc.property(spansRequest, (request) => {
        const expected = countIn(request, ['resourceSpans', 'scopeSpans', 'spans'])
        expect(checkRequest('spans', protobufjsEncode('ExportTraceServiceRequest', request)).records).toBe(expected)
      }),
    )
  })

  test('that is taken can be decoded, whichever byte of it is wrong', () => {
    const damaged = fc.tuple(fc.nat(), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(logsRequest, damaged, (request, [at, byte]) => {
        const bytes = Uint8Array.from(logs(request))
        if (bytes.length > 0) bytes[at % bytes.length] = byte
        expectDecodableWhenTaken('logs', bytes)
      }),
      { numRuns: 1_000, endOnFailure: true },
    )
    fc.assert(
      fc.property(spansRequest, damaged, (request, [at, byte]) => {
        const bytes = Uint8Array.from(protobufjsEncode('ExportTraceServiceRequest', request))
        if (bytes.length > 0) bytes[at % bytes.length] = byte
        expectDecodableWhenTaken('spans', bytes)
      }),
      { numRuns: 1_000, endOnFailure: true },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectDecodableWhenTaken('logs', bytes)))
  })

  test('is refused when it is cut off anywhere inside a message', () => {
    const bytes = logs(
      withRecords([{ severityText: 'INFO', body: { stringValue: 'hello' }, attributes: attributes(3) }]),
    )
    for (let length = 1; length < bytes.length; length++) {
      expect(refusalOf(bytes.subarray(0, length))).toMatch(/^malformed: the body is not OTLP\/protobuf: /)
    }
  })

  test('is refused when it has more records than the limit', () => {
    expect(refusalOf(logs(withRecords(Array.from({ length: MAX_RECORDS }, () => ({})))))).toBe('taken')
    expect(refusalOf(logs(withRecords(Array.from({ length: MAX_RECORDS + 1 }, () => ({})))))).toBe(
      `too_large: the request has more than ${MAX_RECORDS} records`,
    )
  })

  test('loses only the records that are over a limit', () => {
    const request = withRecords([
      { severityText: 'first', attributes: attributes(MAX_ATTRIBUTES) },
      { severityText: 'too wide', attributes: attributes(MAX_ATTRIBUTES + 1) },
      { severityText: 'deep enough', body: nested(MAX_NESTING) },
      { severityText: 'too deep', body: nested(MAX_NESTING + 1) },
      { severityText: 'last' },
    ])
    const bytes = logs(request)
    const checked = checkRequest('logs', bytes)
    expect(checked).toMatchObject({ records: 5, reason: `more than ${MAX_ATTRIBUTES} attributes` })
    expect(checked.rejectedAt).toHaveLength(2)

    const kept = protobufjsDecode(
      'ExportLogsServiceRequest',
      withoutRecords('logs', bytes, new Set(checked.rejectedAt)),
    )
    const [resource] = kept['resourceLogs'] as { scopeLogs: { logRecords: { severityText: string }[] }[] }[]
    expect(resource?.scopeLogs[0]?.logRecords.map((record) => record.severityText)).toEqual([
      'first',
      'deep enough',
      'last',
    ])
  })

  test('without any record left out is the same bytes', () => {
    fc.assert(
      fc.property(logsRequest, (request) => {
        const bytes = logs(request)
        expect(Buffer.from(withoutRecords('logs', bytes, new Set())).equals(bytes)).toBe(true)
      }),
    )
  })
})
