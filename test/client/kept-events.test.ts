import { expect, test } from 'vitest'

import { createKeptEvents, MAX_KEPT_EVENTS, MAX_KEPT_LENGTH } from '../../src/client/kept-events.ts'
import type { LogEvent } from '../../src/client/log-event.ts'

const event = (text: string): LogEvent => ({ type: 'stdout', text, at: undefined })

test('no more events are kept than may be, and a reader is told what it missed', async () => {
  const kept = createKeptEvents()
  kept.add(event('first'), 5)
  const reader = kept.read()
  expect((await reader.next()).value).toEqual(event('first'))
  for (let i = 0; i < 2 * MAX_KEPT_EVENTS; i++) kept.add(event(String(i)), 1)
  kept.end()
  expect(kept.all.length).toBeLessThanOrEqual(MAX_KEPT_EVENTS)
  expect(kept.all.at(-1)).toEqual(event(String(2 * MAX_KEPT_EVENTS - 1)))
  expect(kept.forgotten + kept.all.length).toBe(2 * MAX_KEPT_EVENTS + 1)
  // The first one it had read before it was forgotten.
  expect((await reader.next()).value).toEqual({ type: 'gap', dropped: kept.forgotten - 1 })
  const rest = []
  for await (const one of reader) rest.push(one)
  expect(rest).toEqual(kept.all)
})

test('no more text is kept than may be, but always the newest event', () => {
  const kept = createKeptEvents()
  for (let i = 0; i < 100; i++) kept.add(event(String(i)), MAX_KEPT_LENGTH / 10)
  expect(kept.all.length).toBeLessThanOrEqual(10)
  kept.add(event('giant'), 2 * MAX_KEPT_LENGTH)
  expect(kept.all).toEqual([event('giant')])
})
