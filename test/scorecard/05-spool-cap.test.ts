/**
 * More than the spool may hold: the oldest segment goes first, the size is kept to, and every record lost is counted.
 */
import { expect, test, vi } from 'vitest'

import { scaled } from '../support/scale.ts'
import { startIdCounter } from './support/body-ids.ts'
import { bytesIn, segmentsIn, spoolPlace, startWriter } from './support/spool-writer.ts'

const MEBIBYTE = 1024 * 1024
const CAP = 16 * MEBIBYTE
/** Of records that nobody can compress by more than a quarter. */
const OVERRUN = scaled({ pullRequest: 40 * MEBIBYTE, full: 64 * MEBIBYTE })
const RATE = 3_000
const RANDOM_BYTES = 2_000

test('the spool keeps to its size, loses the oldest, and counts what it lost', { timeout: 90_000 }, async () => {
  const place = spoolPlace()
  const counter = await startIdCounter(503)
  const env = { TRACELOG_SPOOL_MAX_BYTES: String(CAP) }
  const writer = await startWriter({ place, endpoint: counter.url, rate: RATE, randomBytes: RANDOM_BYTES, env })
  let most = 0
  const wanted = OVERRUN / ((RANDOM_BYTES * 4) / 3)
  await vi.waitFor(
    () => {
      most = Math.max(most, bytesIn(place))
      expect(writer.ledger().length).toBeGreaterThan(wanted)
    },
    { timeout: 60_000, interval: 20 },
  )
  await writer.stop()
  const emitted = writer.ledger().length
  const held = await vi.waitFor(async () => {
    const { logs } = await writer.stats()
    expect(logs.queued).toBe(0)
    return logs
  }, 20_000)
  const lost = held.dropped.spool_full
  expect(lost).toBeGreaterThan(0)
  expect(held.spooled + lost).toBe(emitted)
  expect(most).toBeLessThanOrEqual(CAP + 4 * MEBIBYTE)

  counter.status = 200
  await vi.waitFor(() => expect(segmentsIn(place)).toEqual([]), { timeout: 30_000, interval: 50 })
  await vi.waitFor(() => expect(counter.counts.size).toBe(emitted - lost), 10_000)
  // What is missing is one stretch, and the oldest but for the segment that was being sent.
  const missing = writer.ledger().flatMap(({ id }) => (counter.counts.has(id) ? [] : [id]))
  expect(missing).toHaveLength(lost)
  expect(missing.at(-1)! - missing[0]!).toBe(lost - 1)
  expect(missing[0]).toBeLessThan((4 * MEBIBYTE) / RANDOM_BYTES)
  expect((await writer.stats()).logs).toMatchObject({ delivered: emitted - lost, spooled: 0 })
  expect(writer.child.stderr()).toContain('spool_full')
  await writer.kill()
  await counter.close()
})
