import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isRefusal } from '../../../src/backend/receive/receive-sink.ts'
import { transcodeJson } from '../../../src/backend/receive/transcode-json.ts'
import { protobufjsDecode, protobufjsEncode } from '../../support/otlp-proto.ts'
import { otlpJson } from '../support/otlp-json.ts'
import { logsRequest, spansRequest } from '../support/otlp-objects.ts'

const bytesOf = (text: string): Uint8Array => Buffer.from(text)
const record = (fields: string): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${fields}}]}]}]}`

function transcodedRecord(fields: string): Record<string, unknown> {
  const decoded = protobufjsDecode('ExportLogsServiceRequest', transcodeJson('logs', bytesOf(record(fields))))
  const [resource] = decoded['resourceLogs'] as { scopeLogs: { logRecords?: Record<string, unknown>[] }[] }[]
  return resource?.scopeLogs[0]?.logRecords?.[0] ?? {}
}

function refusalOf(text: string): string {
  try {
    transcodeJson('logs', bytesOf(text))
  } catch (error) {
    if (isRefusal(error)) return `${error.kind}: ${error.message}`
    throw error
  }
  return 'taken'
}

describe('OTLP/JSON becomes OTLP/protobuf', () => {
  test('without losing anything, for any logs request', () => {
    fc.assert(
      fc.property(logsRequest, (request) => {
        const expected = protobufjsDecode(
          'ExportLogsServiceRequest',
          protobufjsEncode('ExportLogsServiceRequest', request),
        )
        const bytes = transcodeJson('logs', bytesOf(otlpJson(request)))
        expect(protobufjsDecode('ExportLogsServiceRequest', bytes)).toEqual(expected)
      }),
    )
  })

  test('without losing anything, for any traces request', () => {
    fc.assert(
      fc.property(spansRequest, (request) => {
        const expected = protobufjsDecode(
          'ExportTraceServiceRequest',
          protobufjsEncode('ExportTraceServiceRequest', request),
        )
        const bytes = transcodeJson('spans', bytesOf(otlpJson(request)))
        expect(protobufjsDecode('ExportTraceServiceRequest', bytes)).toEqual(expected)
      }),
    )
  })

  test.each([
    {
      what: 'a 64-bit integer as text',
      fields: '"timeUnixNano":"18446744073709551615"',
      key: 'timeUnixNano',
      value: '18446744073709551615',
    },
    {
      what: 'a 64-bit integer as a number, exactly',
      fields: '"timeUnixNano":1726151722001000001',
      key: 'timeUnixNano',
      value: '1726151722001000001',
    },
    { what: 'an integer with an exponent', fields: '"severityNumber":1.7e1', key: 'severityNumber', value: 17 },
    {
      what: 'ids in upper case',
      fields: '"traceId":"5B8EFFF798038103D269B633813FC60C"',
      key: 'traceId',
      value: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex').toString('base64'),
    },
    { what: 'an empty id', fields: '"spanId":""', key: 'spanId', value: '' },
    { what: 'white space anywhere', fields: ' "severityText" \n:\t"warn" ', key: 'severityText', value: 'warn' },
    {
      what: 'escapes',
      fields: String.raw`"severityText":"a\"\\\/\b\n\u00e9\ud83d\ude00"`,
      key: 'severityText',
      value: 'a"\\/\b\né😀',
    },
    {
      what: 'null as absent',
      fields: '"body":null,"attributes":null,"severityText":"x"',
      key: 'severityText',
      value: 'x',
    },
    {
      what: 'unknown fields as nothing',
      fields: '"new":{"deep":[1,true,null,"]"]},"severityText":"x"',
      key: 'severityText',
      value: 'x',
    },
    {
      what: 'names of prototypes as unknown',
      fields: '"constructor":1,"__proto__":{"a":1},"severityText":"x"',
      key: 'severityText',
      value: 'x',
    },
    { what: 'NaN as text', fields: '"body":{"doubleValue":"NaN"}', key: 'body', value: { doubleValue: Number.NaN } },
    { what: 'a double as text', fields: '"body":{"doubleValue":"1.5"}', key: 'body', value: { doubleValue: 1.5 } },
    {
      what: 'base64 with the alphabet of URLs',
      fields: '"body":{"bytesValue":"-_8="}',
      key: 'body',
      value: { bytesValue: '+/8=' },
    },
    {
      what: 'null in a list as a value without content',
      fields: '"body":{"arrayValue":{"values":[null]}}',
      key: 'body',
      value: { arrayValue: { values: [{}] } },
    },
  ])('reads $what', ({ fields, key, value }) => {
    expect(transcodedRecord(fields)[key]).toEqual(value)
  })

  test.each([
    ['', 'malformed: the body is not OTLP/JSON: expected "{" at byte 0'],
    ['[]', 'malformed: the body is not OTLP/JSON: expected "{" at byte 0'],
    ['{"resourceLogs":[{]}', 'malformed: the body is not OTLP/JSON: expected a string at byte 18'],
    ['{"resourceLogs":[]} x', 'malformed: the body is not OTLP/JSON: expected the end of the text at byte 20'],
    ['{"resourceLogs":{}}', 'malformed: the body is not OTLP/JSON: expected an array for resourceLogs at byte 16'],
    ['{"resourceLogs":[', 'malformed: the body is not OTLP/JSON: expected a value at byte 17'],
    [
      record('"severityText":"\\x"'),
      'malformed: the body is not OTLP/JSON: expected a string with escapes that JSON has at byte 63',
    ],
    [
      record('"severityText":"a\nb"'),
      'malformed: the body is not OTLP/JSON: expected no control character in a string at byte 64',
    ],
    [record('"timeUnixNano":"soon"'), 'malformed: timeUnixNano is "soon", but must be a 64-bit integer'],
    [record('"traceId":"xyz"'), 'malformed: traceId is "xyz", but must be hex digits'],
    [record('"severityNumber":01'), 'malformed: the body is not OTLP/JSON: expected a number at byte 64'],
    [
      record('"body":{"boolValue":1}'),
      'malformed: the body is not OTLP/JSON: expected true or false for boolValue at byte 67',
    ],
  ])('refuses %j', (text, expected) => {
    expect(refusalOf(text)).toBe(expected)
  })

  test('refuses endless nesting without running out of stack', () => {
    const levels = 200_000
    const value = `${'{"arrayValue":{"values":['.repeat(levels)}{}${']}}'.repeat(levels)}`
    expect(refusalOf(record(`"body":${value}`))).toBe('malformed: a value is nested more than 32 levels deep')
    const unknown = `${'['.repeat(levels)}${']'.repeat(levels)}`
    expect(refusalOf(record(`"unknown":${unknown}`))).toMatch(/^malformed: .*expected less nesting/)
  })

  test('refuses or reads any bytes at all, and never fails otherwise', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '"resourceLogs"',
      '"scopeLogs"',
      '"logRecords"',
      '"body"',
      '1',
      '-',
      'null',
      'tru',
      '"x"',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(refusalOf(pieces.join(''))).toMatch(/^(taken|malformed: )/)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(refusalOf(Buffer.from(bytes).toString('latin1'))).toMatch(/^(taken|malformed: )/)
      }),
    )
  })
})
