import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ReturnStream } from '../../src/returning/return-stream.ts'
import { ReturnStreams, STREAM_LIMITS } from '../../src/returning/return-streams.ts'

const roomy = () => ({ maxBytes: 1e9, bytes: 0 })
const ALL = 1e9

test('a reader that comes back gets what it has not, and is told what is gone', () => {
  const ring = new ReturnStream({ budget: roomy(), maxEvents: 3 })
  for (const n of [1, 2, 3, 4, 5]) ring.push('log', String(n))
  expect(ring.after(0, ALL)).toMatchObject({ dropped: 2, events: [{ id: 3 }, { id: 4 }, { id: 5 }] })
  expect(ring.after(4, ALL)).toMatchObject({ dropped: 0, events: [{ id: 5, data: '5' }] })
  expect(ring.after(5, ALL)).toEqual({ dropped: 0, events: [] })
})

test('whatever is pushed and read, every number is told once: as an event or in a gap', () => {
  const step = fc.oneof(fc.constant('read' as const), fc.integer({ min: 0, max: 400 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const budget = { maxBytes: 1_500, bytes: 0 }
      const ring = new ReturnStream({ budget, maxEvents: 7, maxBytes: 2_000 })
      let next = 1
      let gone = 0
      const read = (): void => {
        const { dropped, events } = ring.after(next - 1, 300)
        gone += dropped
        next += dropped
        for (const event of events) expect(event.id).toBe(next++)
        ring.read(next - 1)
      }
      for (const size of steps) {
        if (size === 'read') read()
        else ring.push('log', 'x'.repeat(size))
        expect(budget.bytes).toBe(ring.bytes)
        expect(ring.bytes).toBeLessThanOrEqual(1_500)
      }
      while (next <= ring.last) read()
      expect(gone).toBe(ring.dropped)
      ring.close()
      expect(budget.bytes).toBe(0)
    }),
  )
})

test('the end is there, however little may be kept', () => {
  const ring = new ReturnStream({ budget: { maxBytes: 10, bytes: 0 } })
  ring.push('log', 'x')
  ring.push('end', '{}')
  expect(ring.after(0, ALL)).toMatchObject({ dropped: 1, events: [{ kind: 'end' }] })
})

describe('all streams of a process', () => {
  const RIGHTS = { sub: 'ann', scopes: ['console'] as const, from: 9 }
  function begin() {
    const at = { now: 1_000 }
    const consoles: boolean[] = []
    const streams = new ReturnStreams({
      nowMillis: () => at.now,
      onConsole: (isWanted) => void consoles.push(isWanted),
    })
    return { at, streams, consoles }
  }
  const endOf = (stream: { ring: ReturnStream } | undefined): unknown =>
    JSON.parse(stream?.ring.after(0, ALL).events.at(-1)?.data ?? 'null')

  test('a stream that no call is bound to ends after half a minute, and is forgotten a minute later', () => {
    const { at, streams } = begin()
    const stream = streams.open(RIGHTS, 300_000)
    at.now += STREAM_LIMITS.unboundMillis
    expect(streams.sweep()).toBe(true)
    expect(endOf(stream)).toEqual({ status: 'unbound', dropped: 0 })
    at.now += STREAM_LIMITS.keptMillis
    expect(streams.sweep()).toBe(false)
    expect(streams.bytes).toBe(0)
  })

  test('one whose time is over tells who feeds it, and ends', () => {
    const { at, streams } = begin()
    const stream = streams.open(RIGHTS, 20_000)
    let isStopped = false
    if (stream !== undefined) stream.onExpired = () => (isStopped = true)
    expect(streams.bind(stream?.id ?? '', 'ann')).toBe(stream)
    at.now += 20_000
    streams.sweep()
    expect([isStopped, endOf(stream)]).toEqual([true, { status: 'expired', dropped: 0 }])
  })

  test('binds one call, of the subject that has opened it', () => {
    const { streams } = begin()
    const { id = '' } = streams.open(RIGHTS, 1_000) ?? {}
    expect(streams.bind(id, 'bob')).toBe('unknown')
    expect(streams.bind(id, 'ann')).toBeTypeOf('object')
    expect(streams.bind(id, 'ann')).toBe('used')
  })

  test('a subject has five, a process two hundred', () => {
    const { streams } = begin()
    for (let n = 0; n < 5; n++) expect(streams.open(RIGHTS, 1_000)).toBeDefined()
    expect(streams.open(RIGHTS, 1_000)).toBeUndefined()
    for (let n = 0; n < 195; n++) expect(streams.open({ ...RIGHTS, sub: `${n}` }, 1_000)).toBeDefined()
    expect(streams.open({ ...RIGHTS, sub: 'last' }, 1_000)).toBeUndefined()
  })

  test('standard output is heard from the first that wants it to the last', () => {
    const { streams, consoles } = begin()
    const opened = [1, 2].map(() => streams.open(RIGHTS, 1_000))
    streams.open({ ...RIGHTS, scopes: ['logs:all'] }, 1_000)
    for (const stream of opened) if (stream !== undefined) streams.end(stream, { status: 'ok' })
    expect(consoles).toEqual([true, false])
  })
})
