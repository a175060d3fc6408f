import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { AnyValueMap } from '../../src/model/any-value.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import type { ResourceLogs } from '../../src/model/otlp-data.ts'
import { RelayedStreams } from '../../src/returning/relayed-streams.ts'
import { streamMark } from '../../src/returning/return-grant.ts'
import { ReturnStreams, STREAM_LIMITS, type OpenStream } from '../../src/returning/return-streams.ts'

const ALL = 1e9
const KEY = 'a key that the services share: 32 bytes'
const RIGHTS = { sub: 'ann', scopes: ['logs:all', 'console'] as const, from: 5 }

function begin(rights: Parameters<ReturnStreams['open']>[0] = RIGHTS) {
  const at = { now: 1_000_000 }
  const nowMillis = () => at.now
  const streams = new ReturnStreams({ nowMillis })
  const redact = (record: LogRecord): LogRecord => ({
    ...record,
    body: typeof record.body === 'string' ? record.body.replaceAll('secret', '[redacted]') : record.body,
  })
  const relayed = new RelayedStreams({ streams, keys: ['another key', KEY], nowMillis, redact })
  const stream = streams.open(rights, 300_000) as OpenStream
  const later = (millis: number): void => {
    at.now += millis
    relayed.sweep()
  }
  return { at, streams, relayed, stream, later }
}

const RECORD: LogRecord = {
  timeUnixNano: 1_800_000_000_000_000_000n,
  observedTimeUnixNano: 0n,
  severityNumber: 9,
  severityText: 'INFO',
  eventName: '',
  body: '',
  attributes: {},
  traceId: '',
  spanId: '',
  traceFlags: 0,
  droppedAttributesCount: 0,
}

function sent(service: string, scope: string, records: readonly Partial<LogRecord>[]): ResourceLogs {
  const resource = { attributes: { 'service.name': service, 'service.instance.id': `${service}-1`, 'host.name': 'h' } }
  return {
    resource,
    scopes: [{ scope: { name: scope, version: '' }, records: records.map((r) => ({ ...RECORD, ...r })) }],
  }
}

const line = ({ id }: OpenStream, body: string, more: AnyValueMap = {}): Partial<LogRecord> => ({
  body,
  attributes: { 'tracelog.return.stream': streamMark(id, [KEY]), 'tracelog.return.sent': true, ...more },
})
const news = (stream: OpenStream, eventName: string, more: AnyValueMap): Partial<LogRecord> => ({
  ...line(stream, '', more),
  eventName: `tracelog.return.${eventName}`,
})
const bound = (stream: OpenStream, unit: string, hop = 0) =>
  news(stream, 'bound', { 'tracelog.return.unit': unit, 'tracelog.return.hop': hop })
const over = (stream: OpenStream, unit: string, hop = 0, more: AnyValueMap = {}) =>
  news(stream, 'over', { 'tracelog.return.unit': unit, 'tracelog.return.hop': hop, ...more })

const told = ({ ring }: OpenStream): readonly [string, Record<string, unknown>][] =>
  ring.after(0, ALL).events.map(({ kind, data }) => [kind, JSON.parse(data) as Record<string, unknown>])
const messages = (stream: OpenStream): unknown[] => told(stream).map(([, data]) => data['message'])

describe('what is told', () => {
  test('the lines of every service, each with its name, and nothing else of where they come from', () => {
    const { relayed, stream } = begin()
    relayed.take([sent('shop', 'app', [line(stream, 'one')]), sent('stock', 'app', [line(stream, 'two')])])
    expect(told(stream)).toMatchObject([
      ['log', { message: 'one', service: 'shop' }],
      ['log', { message: 'two', service: 'stock' }],
    ])
    const keys = told(stream).flatMap(([, data]) => Object.keys(data))
    expect(keys.filter((name) => /return|host|instance/.test(name))).toEqual([])
  })

  test('what a service prints, apart', () => {
    const { relayed, stream } = begin()
    const out = news(stream, 'output', { 'log.iostream': 'stdout' })
    const err = news(stream, 'output', { 'log.iostream': 'stderr' })
    relayed.take([
      sent('shop', 'tracelog.return', [
        { ...out, body: 'a' },
        { ...err, body: 'the secret' },
      ]),
    ])
    const at = '2027-01-15T08:00:00.000Z'
    expect(told(stream)).toEqual([
      ['stdout', { text: 'a', at }],
      ['stderr', { text: 'the [redacted]', at }],
    ])
  })

  test('no secret, though the service sent it; no stack that was not granted', () => {
    const { relayed, stream } = begin()
    relayed.take([sent('shop', 'app', [line(stream, 'my secret', { 'exception.stacktrace': 'at x', n: 1 })])])
    expect(told(stream)).toMatchObject([['log', { message: 'my [redacted]', n: 1 }]])
    expect(JSON.stringify(told(stream))).not.toContain('at x')
  })

  test.each([
    ['below the granted level', { ...RIGHTS, from: 13 }, 'app'],
    ['where console alone was granted', { ...RIGHTS, scopes: ['console'] as const }, 'app'],
    ['our own words about returning', RIGHTS, 'tracelog.return'],
  ])('nothing %s', (_name, rights, scope) => {
    const { relayed, stream } = begin(rights)
    relayed.take([sent('shop', scope, [line(stream, 'no')])])
    expect(told(stream)).toEqual([])
  })

  test('nothing printed without the scope for it', () => {
    const { relayed, stream } = begin({ ...RIGHTS, scopes: ['logs:all'] })
    relayed.take([sent('shop', 'tracelog.return', [{ ...news(stream, 'output', {}), body: 'a' }])])
    expect(told(stream)).toEqual([])
  })

  test.each<[string, unknown]>([
    ['none', undefined],
    ['an unknown one', streamMark('A'.repeat(22), [KEY])],
    ['a list', ['x']],
    ['a long one', 'x'.repeat(100_000)],
  ])('nothing of a record whose stream is %s', (_name, id) => {
    const { relayed, stream } = begin()
    relayed.take([sent('shop', 'app', [{ attributes: { 'tracelog.return.stream': id } as AnyValueMap }])])
    expect([stream.state, told(stream)]).toEqual(['open', []])
  })

  test('nothing of a record whose mark is the stream alone, or signed by a stranger: its caller knows the id', () => {
    const { relayed, stream } = begin()
    const marked = (mark: string) => ({ body: 'x', attributes: { 'tracelog.return.stream': mark } })
    const forged = [stream.id, `${stream.id}.${'A'.repeat(43)}`, streamMark(stream.id, ['a key of somebody else'])]
    relayed.take([sent('shop', 'app', forged.map(marked))])
    expect([stream.state, told(stream)]).toEqual(['open', []])
  })

  test('a record once, also when its batch comes twice; what has no number as often as it comes', () => {
    const { relayed, stream } = begin()
    const batch = [sent('shop', 'app', [line(stream, 'one', { 'tracelog.seq': 7 }), line(stream, 'free')])]
    relayed.take(batch)
    relayed.take(batch)
    relayed.take([sent('stock', 'app', [line(stream, 'other', { 'tracelog.seq': 7 })])])
    expect(messages(stream)).toEqual(['one', 'free', 'free', 'other'])
  })

  test('of more than there is room for the newest, and how many are gone', () => {
    const { relayed, stream } = begin()
    relayed.take([
      sent(
        'shop',
        'app',
        Array.from({ length: 2_500 }, (_, n) => line(stream, `${n}`)),
      ),
    ])
    expect(stream.ring.dropped).toBe(1_500)
    expect(stream.ring.after(0, ALL)).toMatchObject({
      dropped: 1_500,
      events: expect.objectContaining({ length: 1_000 }),
    })
    expect(messages(stream)[0]).toBe('1500')
    expect(stream.ring.after(0, ALL).events[0]?.id).toBe(1_501)
  })
})

describe('when it is over', () => {
  test('when the service that was called is, none of the others runs, and nothing comes any more', () => {
    const { relayed, stream, later } = begin()
    const say = (service: string, record: Partial<LogRecord>): void =>
      relayed.take([sent(service, 'tracelog.return', [record])])
    say('shop', bound(stream, 'a'))
    say('stock', bound(stream, 'b', 1))
    say('shop', over(stream, 'a', 0, { 'http.response.status_code': 202 }))
    later(5_000)
    expect(stream.state).toBe('bound')
    say('stock', over(stream, 'b', 1, { 'tracelog.return.status': 'error', 'http.response.status_code': 500 }))
    later(999)
    expect(stream.state).toBe('bound')
    later(1)
    expect(told(stream)).toEqual([['end', { status: 'ok', http_status: 202, dropped: 0 }]])
  })

  test('also where its end has overtaken its beginning', () => {
    const { relayed, stream, later } = begin()
    relayed.take([sent('shop', 'tracelog.return', [over(stream, 'a')])])
    relayed.take([sent('shop', 'tracelog.return', [bound(stream, 'a')])])
    later(1_000)
    expect(stream.state).toBe('ended')
  })

  test('not before the service that the caller has called', () => {
    const { relayed, stream, later } = begin()
    relayed.take([sent('stock', 'tracelog.return', [bound(stream, 'b', 1), over(stream, 'b', 1)])])
    later(5_000)
    expect(stream.state).toBe('bound')
  })

  test('a line that comes late puts it off', () => {
    const { relayed, stream, later } = begin()
    relayed.take([
      sent('shop', 'tracelog.return', [
        bound(stream, 'a'),
        over(stream, 'a', 0, { 'tracelog.return.status': 'error' }),
      ]),
    ])
    later(900)
    relayed.take([sent('stock', 'app', [line(stream, 'late')])])
    later(900)
    expect(stream.state).toBe('bound')
    later(100)
    expect(told(stream)).toMatchObject([
      ['log', { message: 'late' }],
      ['end', { status: 'error' }],
    ])
  })

  test('without a word of any service, after half a minute; with one that is never over, when its time is', () => {
    const one = begin()
    one.later(STREAM_LIMITS.unboundMillis)
    expect(told(one.stream)).toMatchObject([['end', { status: 'unbound' }]])
    const other = begin()
    other.relayed.take([sent('shop', 'tracelog.return', [bound(other.stream, 'a')])])
    other.later(STREAM_LIMITS.unboundMillis)
    expect(other.stream.state).toBe('bound')
    other.later(300_000)
    expect(told(other.stream)).toMatchObject([['end', { status: 'expired' }]])
  })
})

test('whatever services say in whatever order, no line is in a foreign stream, and memory is bounded', () => {
  const event = fc.constantFrom('', 'bound', 'over', 'output', 'granted', 'x')
  const step = fc.record({
    to: fc.nat(3),
    event,
    own: fc.boolean(),
    unit: fc.constantFrom('a', 'b', 7, null),
    hop: fc.constantFrom(0, 1, 'x'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { streams, relayed, later } = begin()
      const all = [0, 1, 2].map(() => streams.open(RIGHTS, 1_000) as OpenStream)
      for (const { to, event: name, own, unit, hop } of steps) {
        const id = all[to]?.id ?? 'none'
        const record = {
          body: id,
          eventName: name === '' ? '' : `tracelog.return.${name}`,
          attributes: {
            'tracelog.return.stream': streamMark(id, [KEY]),
            'tracelog.return.unit': unit,
            'tracelog.return.hop': hop,
          },
        }
        relayed.take([sent('s', own ? 'tracelog.return' : 'app', [record])])
        later(100)
      }
      for (const stream of all) {
        const lines = told(stream).filter(([kind]) => kind !== 'end')
        for (const [, { message, text }] of lines) expect(message ?? text).toBe(stream.id)
        expect(told(stream).length - lines.length).toBeLessThanOrEqual(1)
      }
    }),
  )
})
