import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { OtlpDecodeError } from '../../src/model/otlp-data.ts'
import { logsToJson, tracesToJson } from '../../src/model/otlp-json.ts'
import { decodeLogsRequestJson, decodeTracesRequestJson } from '../../src/model/otlp-json-decode.ts'
import * as arbitrary from '../support/otlp-arbitraries.ts'

/** One log record of the given fields, read. */
function readLog(fields: object): unknown {
  const text = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [fields] }] }] })
  return decodeLogsRequestJson(text)[0]?.scopes[0]?.records[0]
}

function readValue(value: object): unknown {
  return (readLog({ body: value }) as { body: unknown }).body
}

/** Anything but records or OtlpDecodeError is thrown on. */
function isReadOrRefused(text: string): boolean {
  try {
    return Array.isArray(decodeLogsRequestJson(text))
  } catch (error) {
    if (error instanceof OtlpDecodeError) return true
    throw error
  }
}

describe('OTLP/JSON', () => {
  test('logs survive a round trip', () => {
    fc.assert(
      fc.property(
        arbitrary.resource,
        arbitrary.scope,
        fc.array(arbitrary.logRecord, { maxLength: 3 }),
        (resource, scope, records) => {
          const request = [{ resource, scopes: [{ scope, records }] }]
          expect(decodeLogsRequestJson(JSON.stringify(logsToJson(request)))).toEqual(request)
        },
      ),
    )
  })

  test('spans survive a round trip', () => {
    fc.assert(
      fc.property(
        arbitrary.resource,
        arbitrary.scope,
        fc.array(arbitrary.spanRecord, { maxLength: 3 }),
        (resource, scope, spans) => {
          const request = [{ resource, scopes: [{ scope, spans }] }]
          expect(decodeTracesRequestJson(JSON.stringify(tracesToJson(request)))).toEqual(request)
        },
      ),
    )
  })

  test('ids are hex of either case, and no id at all when they are not', () => {
    expect(readLog({ traceId: '0AF7651916CD43DD8448EB211C80319C', spanId: 'B7AD6B7169203331' })).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    })
    expect(readLog({ traceId: '0'.repeat(32), spanId: 'zz' })).toMatchObject({ traceId: '', spanId: '' })
  })

  test('snake case, enum names, numbers as text and as numbers, null for absent', () => {
    const text = JSON.stringify({
      resource_logs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { string_value: 'web' } }] },
          scope_logs: [
            {
              scope: null,
              log_records: [
                {
                  time_unix_nano: '1726151722001000000',
                  severity_number: 'SEVERITY_NUMBER_WARN2',
                  severity_text: null,
                  unknown: [1],
                },
                { timeUnixNano: 1000, severityNumber: 9, flags: '1', body: { int_value: 5 } },
              ],
            },
          ],
        },
      ],
    })
    const [read] = decodeLogsRequestJson(text)
    expect(read?.resource.attributes).toEqual({ 'service.name': 'web' })
    expect(read?.scopes[0]?.records).toMatchObject([
      { timeUnixNano: 1_726_151_722_001_000_000n, severityNumber: 14, severityText: '' },
      { timeUnixNano: 1000n, severityNumber: 9, traceFlags: 1, body: 5 },
    ])
  })

  test('span kinds and status codes by name', () => {
    const text = JSON.stringify({
      resourceSpans: [
        { scopeSpans: [{ spans: [{ kind: 'SPAN_KIND_SERVER', status: { code: 'STATUS_CODE_ERROR' } }] }] },
      ],
    })
    expect(decodeTracesRequestJson(text)[0]?.scopes[0]?.spans[0]).toMatchObject({ kind: 2, statusCode: 2 })
  })

  test.each([
    [{ stringValue: '' }, ''],
    [{ boolValue: false }, false],
    [{ intValue: '9223372036854775807' }, (1n << 63n) - 1n],
    [{ intValue: '-5' }, -5],
    [{ doubleValue: 'NaN' }, Number.NaN],
    [{ doubleValue: '-Infinity' }, -Infinity],
    [{ doubleValue: 1.5 }, 1.5],
    [{ bytesValue: 'AQI=' }, new Uint8Array([1, 2])],
    [{ arrayValue: {} }, []],
    [
      { kvlistValue: { values: [{ key: '__proto__', value: { stringValue: 'a' } }, { key: 'b' }] } },
      JSON.parse('{"__proto__":"a","b":null}'),
    ],
    [{}, null],
    [{ futureValue: 1 }, null],
  ])('value %j', (value, expected) => {
    expect(readValue(value)).toEqual(expected)
  })

  test.each([
    ['no JSON', 'nonsense', /not JSON/],
    ['a list', '[]', /the request must be an object/],
    ['a text for a list', '{"resourceLogs":"a"}', /resourceLogs must be a list/],
    ['a number for an object', '{"resourceLogs":[1]}', /resourceLogs\[0\] must be an object/],
    [
      'a number for a text',
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 1 }] }] }] }),
      /logRecords\[0\]\.severityText must be a string/,
    ],
    [
      'a negative time',
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: -1 }] }] }] }),
      /timeUnixNano/,
    ],
    [
      'an unknown enum name',
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: 'LOUD' }] }] }] }),
      /severityNumber/,
    ],
    [
      'a value nested 100 deep',
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(100)}${']}}'.repeat(100)}}]}]}]}`,
      /nested at most 32/,
    ],
  ])('%s is refused with the place', (_, text, message) => {
    expect(() => decodeLogsRequestJson(text)).toThrow(OtlpDecodeError)
    expect(() => decodeLogsRequestJson(text)).toThrow(message)
  })

  test('any JSON gives records or OtlpDecodeError', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom('resourceLogs', 'scopeLogs', 'logRecords', 'body', 'attributes', 'value'),
        (json, name) => {
          const parsed: unknown = JSON.parse(json)
          const nested = {
            resourceLogs: [{ scopeLogs: [{ logRecords: [{ [name]: parsed }], [name]: parsed }], [name]: parsed }],
          }
          for (const text of [json, JSON.stringify(nested)]) expect(isReadOrRefused(text)).toBe(true)
        },
      ),
    )
  })
})
