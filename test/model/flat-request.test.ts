import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { toFlatLine } from '../../src/model/flat-line.ts'
import { createFlattener, type FlattenOptions } from '../../src/model/flat-request.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { logsToJson } from '../../src/model/otlp-json.ts'
import * as arbitrary from '../support/otlp-arbitraries.ts'

const RECORD: LogRecord = {
  timeUnixNano: 1_726_151_722_001_000_000n,
  observedTimeUnixNano: 1_726_151_723_000_000_000n,
  severityNumber: 9,
  severityText: 'info',
  eventName: '',
  body: 'hello',
  attributes: {},
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  droppedAttributesCount: 0,
}
const RESOURCE = { attributes: { 'service.name': 'web' } }
const SCOPE = { name: '', version: '' }

function requestOf(...records: readonly Partial<LogRecord>[]): string {
  const full = records.map((change) => ({ ...RECORD, ...change }))
  return JSON.stringify(logsToJson([{ resource: RESOURCE, scopes: [{ scope: SCOPE, records: full }] }]))
}

function flatten(texts: readonly string[], options: Partial<FlattenOptions> = {}) {
  const bad: string[] = []
  const flattener = createFlattener({ onBad: (reason) => bad.push(reason), ...options })
  const lines = texts.flatMap((text) => flattener.lines(text))
  return {
    messages: lines.map((line) => (JSON.parse(line) as { message: string }).message),
    lines,
    bad,
    duplicates: flattener.duplicates,
  }
}

test('any record comes out as the flat line that it has everywhere, whatever it holds', () => {
  const group = fc.record({ scope: arbitrary.scope, records: fc.array(arbitrary.logRecord, { maxLength: 3 }) })
  const groups = fc.array(fc.record({ resource: arbitrary.resource, scopes: fc.array(group, { maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 2,
  })
  fc.assert(
    fc.property(groups, (request) => {
      const expected = request.flatMap(({ resource, scopes }) =>
        scopes.flatMap(({ scope, records }) => records.map((record) => toFlatLine(record, resource, scope))),
      )
      const { lines, bad } = flatten([JSON.stringify(logsToJson(request))])
      expect(lines).toEqual(expected)
      expect(bad).toEqual([])
    }),
  )
})

test('lines follow the records, in their order; options are those of the flat line', () => {
  expect(flatten([requestOf({ body: 'a' }, { body: 'b' }), requestOf({ body: 'c' })]).messages).toEqual(['a', 'b', 'c'])
  const { lines } = flatten([requestOf({ attributes: { user: 7 } })], { line: 'minimal', hasTimeNs: true })
  expect(lines).toEqual([
    '{"timestamp":"2024-09-12T14:35:22.001Z","time_ns":"1726151722001000000","trace_id":"0af7651916cd43dd8448eb211c80319c","service":"web","level":"INFO","message":"hello"}',
  ])
})

test('a record delivered twice comes once, as long as few others lie between; one without a uid comes as often as it is there', () => {
  const withUid = (uid: string) => requestOf({ body: uid, attributes: { 'log.record.uid': uid } })
  expect(flatten([withUid('a'), withUid('b'), withUid('a')])).toMatchObject({ messages: ['a', 'b'], duplicates: 1 })
  const many = Array.from({ length: 10 }, (_, n) => withUid(`other ${n}`))
  expect(flatten([withUid('a'), ...many.slice(0, 3), withUid('a')], { remembered: 4 }).duplicates).toBe(1)
  expect(flatten([withUid('a'), ...many, withUid('a')], { remembered: 4 }).duplicates).toBe(0)
  expect(flatten([requestOf({}), requestOf({})]).messages).toEqual(['hello', 'hello'])
})

test.each([
  ['text', 'hello', /^not JSON/],
  ['another signal', '{"resourceSpans":[]}', /resourceLogs/],
  ['a value of the wrong type', '{"resourceLogs":7}', /resourceLogs must be a list/],
])('%s is told, once', (_, text, reason) => {
  const { lines, bad } = flatten([text])
  expect(lines).toEqual([])
  expect(bad).toEqual([expect.stringMatching(reason)])
})

test('a request behind the torn half of another is found; a text that looks like one is not', () => {
  const whole = requestOf({ body: 'whole', attributes: { quoted: '{"resourceLogs":[]}' } })
  const torn = flatten([requestOf({ body: 'torn' }).slice(0, 90) + whole])
  expect(torn.messages).toEqual(['whole'])
  expect(torn.bad).toHaveLength(1)
  expect(flatten([whole])).toMatchObject({ messages: ['whole'], bad: [] })
})

test('a record that breaks its form is left out alone', () => {
  const text = requestOf({ body: 'a' }, { body: 'b', severityText: 'bad' }, { body: 'c' }).replace(
    '"severityText":"bad"',
    '"severityText":7',
  )
  const { messages, bad } = flatten([text])
  expect(messages).toEqual(['a', 'c'])
  expect(bad).toEqual([
    expect.stringContaining('resourceLogs[0].scopeLogs[0].logRecords[1].severityText must be a string'),
  ])
})
