/** pino 8 to 10 holds what every logger holds, and what its own options ask for. */
import { expect } from 'vitest'

import {
  bodies,
  exceptionOf,
  expectTraceIn,
  loggerContract,
  OURS,
  withoutCounting,
} from '../../../contract/logger.contract.ts'

const isBefore = (version: string, major: number, minor: number): boolean => {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor < major || (ownMajor === major && ownMinor < minor)
}

loggerContract({
  name: 'pino',
  sets: ['oldest', 'between', 'newest'],
  rows: {
    "frames in the application's stacks"({ seen }, { version }) {
      const [inToJson, inWrite] = seen as string[]
      // pino 8 to 9.9 has no channel: the method that makes a line is ours there.
      expect(inToJson?.match(new RegExp(OURS, 'g')) ?? []).toHaveLength(isBefore(version, 9, 10) ? 1 : 0)
      expect(inWrite).not.toMatch(OURS)
    },
    'error({err}) alone': [{ body: 'boom', severityNumber: 17, attributes: exceptionOf }],
    // Without a known name it is INFO; between info and warn the more severe of the two.
    'custom levels': [
      { body: 'a', level: 'audit', severityNumber: 9 },
      { body: 'b', level: 'audit', severityNumber: 13 },
    ],
    redact: [
      {
        body: 'in',
        attributes: {
          bound: { secret: '[Redacted]', open: 1 },
          password: '[Redacted]',
          user: { token: '[Redacted]', name: 'bob' },
        },
      },
      {
        body: 'failed',
        attributes: {
          'exception.type': 'Error',
          'exception.message': 'e',
          'exception.stacktrace': expect.stringContaining('Error: e\n') as unknown,
          'exception.config': '[Redacted]',
          bound: { secret: '[Redacted]', open: 1 },
        },
      },
    ],
    'formatters and serializers'({ records, seen }) {
      expect(records).toMatchObject([
        { body: 'formatted', attributes: { user: { id: 7 }, added: 1 } },
        { body: 'serialized', attributes: { user: { id: 7 }, at: '1970-01-01T00:00:00.000Z' } },
      ])
      expect(JSON.stringify(records, (_, value) => (typeof value === 'bigint' ? '' : value))).not.toContain('hunter2')
      expect(seen).toEqual({ serializer: 2, log: 1 })
    },
    'options of keys'({ records }, { version }) {
      const isFirst = isBefore(version, 8, 1)
      expect(records.map(({ body, attributes }) => [body, withoutCounting(attributes)])).toEqual([
        ['nested', { payload: { a: 1 } }],
        ['message', { a: 1 }],
        // pino 8.0 knows neither `errorKey` nor `msgPrefix`.
        [
          'failed',
          isFirst
            ? { problem: { type: 'RangeError', message: 'boom', stacktrace: expect.any(String) as unknown } }
            : exceptionOf,
        ],
        ['mixin', { mixed: 1, a: 1 }],
        [isFirst ? 'prefixed' : '[p] prefixed', {}],
        ['base', { service: 'x' }],
        ['crlf', { a: 1 }],
      ])
    },
    names: [
      { body: 'root', scope: 'orders' },
      { body: 'child', scope: 'inner', attributes: { name: 'inner' } },
      { body: 'fields of the caller', attributes: { name: 'Bob', level: 'gold', pid: 1 } },
    ],
    times({ records }) {
      expect(records.map(({ body }) => body)).toEqual(['now', 'now', 'now', 'now', 'then', 'noon'])
      for (const { timeUnixNano, observedTimeUnixNano } of records.slice(0, 4)) {
        expect(Math.abs(Number(observedTimeUnixNano - timeUnixNano))).toBeLessThan(1e9)
      }
      expect(records[4]).toMatchObject({ timeUnixNano: 981_173_106_789_000_000n })
      expect(records[4]!.attributes).not.toHaveProperty('at')
      expect(records[5]!.attributes).toMatchObject({ at: 'noon' })
    },
    'streams above the level': bodies('printed', 1),
    'traces in lines'(result) {
      const [plain, bound, mixed, formatted, serialized, within, around] = result.lines
      for (const line of [plain, within, around]) {
        expectTraceIn(line!, result)
        expect(line).toMatch(/"trace_flags":"\w\w"\}\n$/)
      }
      for (const line of [bound, mixed, formatted, serialized]) expect(line!.match(/trace_id|span_id/g)).toHaveLength(1)
      expect(result.records.map(({ body }) => body)).toEqual([
        'plain',
        'bound',
        'mixed',
        'formatted',
        'serialized',
        'within',
        'around',
      ])
    },
    'values that throw'({ records }) {
      expect(records.map(({ body }) => body)).toEqual(['proxy', 'getter', 'proxy of plain fields'])
      for (const { attributes } of records) expect(attributes).toMatchObject({ a: 1 })
    },
    silence: [],
    'null and numbers': [
      { body: undefined },
      { body: 7 },
      { body: 'in the object' },
      { body: undefined, attributes: { a: 1 } },
      { body: 'odd', attributes: { big: '1', nan: Number.NaN, zero: -0, sym: 'Symbol(s)' } },
    ],
    'by console.log': [{ body: 'by console' }, { body: 'its own', scope: 'console' }],
    "pino's own look"({ seen }) {
      const [keys, ...rest] = seen as [string[], ...unknown[]]
      expect(keys.filter((key) => key !== 'onChild')).toEqual(
        expect.arrayContaining(['levels', 'silent', 'trace', 'debug', 'info', 'warn', 'error', 'fatal']),
      )
      expect(rest).toEqual(['function', 'noop', 0, null, false])
    },
  },
})
