import { expect, test } from 'vitest'

import type { FailedTraces } from '../../../src/backend/receive/failed-traces.ts'
import { MAX_WANTED, WANTED_MILLIS, WantedTraces } from '../../../src/backend/receive/wanted-traces.ts'

function found(what: Partial<Record<keyof FailedTraces, readonly string[]>>): FailedTraces {
  const { dumped = [], failed = [], suppressed = [] } = what
  return { dumped: new Set(dumped), failed: new Set(failed), suppressed: new Set(suppressed) }
}

function kit() {
  let nowMillis = 0
  const traces = new WantedTraces(() => nowMillis)
  const follow = () => {
    const told: string[] = []
    const stop = traces.follow((ids) => told.push(...ids))
    return { told, stop }
  }
  return { traces, follow, pass: (millis: number) => (nowMillis += millis) }
}

test('a trace is told to all who follow, once, whoever says it again', () => {
  const { traces, follow } = kit()
  const [a, b] = [follow(), follow()]
  traces.note(found({ dumped: ['1'] }))
  traces.note(found({ failed: ['1', '2'] }))
  traces.note(found({ dumped: ['2'] }))
  expect([a.told, b.told, traces.count]).toEqual([['1', '2'], ['1', '2'], 2])
})

test('who comes within ten seconds is told too, who comes later is not, and who has gone is told nothing', () => {
  const { traces, follow, pass } = kit()
  const gone = follow()
  gone.stop()
  traces.note(found({ dumped: ['1'] }))
  pass(WANTED_MILLIS - 1)
  traces.note(found({ dumped: ['2'] }))
  expect(follow().told).toEqual(['1', '2'])
  pass(1)
  expect(follow().told).toEqual(['2'])
  expect(gone.told).toEqual([])
})

test('a service with too many dumps at once makes its traces not wanted, another one of the same request does', () => {
  const { traces, follow } = kit()
  const { told } = follow()
  traces.note(found({ suppressed: ['1'], failed: ['1'] }))
  traces.note(found({ failed: ['1'] }))
  expect(told).toEqual([])
  traces.note(found({ dumped: ['1'] }))
  expect(told).toEqual(['1'])
})

test('what is remembered is bounded: the newest', () => {
  const { traces, follow } = kit()
  const ids = Array.from({ length: MAX_WANTED + 5 }, (_, i) => String(i))
  traces.note(found({ dumped: ids }))
  traces.note(found({ suppressed: ids }))
  expect(follow().told).toEqual(ids.slice(5))
  expect(traces.count).toBe(ids.length)
})
