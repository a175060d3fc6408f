import { expect, test } from 'vitest'

import { LaneHealth } from '../../src/export/lane-health.ts'

test('a pause that nobody asked for is cut to 100 ms when somebody waits', () => {
  const health = new LaneHealth()
  for (let failure = 0; failure < 8; failure++) health.noteDown()
  health.shortenPause()
  expect(health.pauseMillis()).toBeLessThanOrEqual(100)
})

test('a pause that the destination asked for is kept, whoever waits, until the process ends', () => {
  const health = new LaneHealth()
  health.noteDown(60_000)
  // What was under way with it fails later, and asks for nothing.
  health.noteDown()
  health.shortenPause()
  expect(health.pauseMillis()).toBeGreaterThan(59_000)
  health.endPause()
  expect(health.pauseMillis()).toBeLessThanOrEqual(100)
})

test('an answer ends every pause', () => {
  const health = new LaneHealth()
  health.noteDown(60_000)
  health.noteUp()
  expect(health.pauseMillis()).toBe(0)
  expect(health.state).toBe('up')
})
