/** Our reader of access logs against the table; test/stack/load-balancers/lines.test.ts runs the Collector against the same. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { detectAccessLogKind, readAccessLine } from '../../../src/model/access-log/read-access-line.ts'
import { decodeLogRecords } from '../../../src/model/otlp-decode.ts'
import { OtlpEncoder } from '../../../src/model/otlp-encode.ts'
import { SEVERITY_ERROR, SEVERITY_INFO, SEVERITY_WARN } from '../../../src/model/severity.ts'
import { ACCESS_CASES } from '../../contract/access-lines.ts'

const NOW = 1_800_000_000_000_000_000n
const SEVERITIES = { INFO: SEVERITY_INFO, WARN: SEVERITY_WARN, ERROR: SEVERITY_ERROR }

/** Every field of every kind. */
const FIELDS = [
  ...new Set(
    ACCESS_CASES.filter(({ expected }) => expected !== undefined).flatMap(({ line }) =>
      Object.keys(JSON.parse(line) as object),
    ),
  ),
]

describe('a line of an access log', () => {
  test.each(ACCESS_CASES.filter(({ expected }) => expected !== undefined))(
    '$kind: $name',
    ({ kind, line, expected }) => {
      expect(readAccessLine(kind, line, NOW)).toEqual({
        observedTimeUnixNano: NOW,
        severityNumber: SEVERITIES[expected!.severityText],
        eventName: 'tracelog.lb.end',
        droppedAttributesCount: 0,
        ...expected,
      })
      expect(detectAccessLogKind(line)).toBe(kind)
    },
  )

  test.each(ACCESS_CASES.filter(({ expected }) => expected === undefined))(
    '$kind: no record: $name',
    ({ kind, line }) => {
      expect(readAccessLine(kind, line, NOW)).toMatch(/^(?:it is not JSON|its kind is|msec is|ts is|StartUTC)/)
    },
  )

  test('whatever stands in its fields, a line is a record that can be encoded, or text', () => {
    const change = fc.dictionary(
      fc.constantFrom(...FIELDS),
      fc.oneof(fc.jsonValue(), fc.double(), fc.bigInt().map(String)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...ACCESS_CASES), change, ({ kind, line }, changed) => {
        const changedLine = line.endsWith('}')
          ? JSON.stringify({ ...(JSON.parse(line) as object), ...changed, kind })
          : line
        const record = readAccessLine(kind, changedLine, NOW)
        if (typeof record === 'string') return
        const encoder = new OtlpEncoder({ chunkBytes: 4_096 })
        encoder.appendLog(record)
        expect(decodeLogRecords(encoder.take())).toMatchObject([{ attributes: record.attributes, body: record.body }])
      }),
      { numRuns: 2_000 },
    )
  })

  test('what syslog puts before the line does not count', () => {
    const { line } = ACCESS_CASES.find(({ kind }) => kind === 'haproxy')!
    const head = '<134>1 2026-11-21T07:29:36.841599+00:00 - haproxy 3155 - - '
    expect(readAccessLine('haproxy', head + line, NOW)).toEqual(readAccessLine('haproxy', line, NOW))
  })
})
