/**
 * An endpoint that is away while an application logs, with a spool: nothing is lost, memory does not grow, and all is sent afterwards.
 */
import { expect, test, vi } from 'vitest'

import { scaled } from '../support/scale.ts'
import { startIdCounter } from './support/body-ids.ts'
import { segmentsIn, spoolPlace, startWriter } from './support/spool-writer.ts'

const OUTAGE_MILLIS = scaled({ pullRequest: 5_000, full: 600_000 })
const DRAIN_MILLIS = scaled({ pullRequest: 20_000, full: 300_000 })
const RATES = scaled({ pullRequest: [5_000], full: [1_000, 5_000] })

test.each(RATES)(
  '%i records a second',
  async (rate) => {
    const place = spoolPlace()
    const counter = await startIdCounter()
    const writer = await startWriter({ place, endpoint: counter.url, rate })
    await vi.waitFor(() => expect(counter.counts.size).toBeGreaterThan(rate), 15_000)
    const before = await writer.stats()

    counter.status = 503
    await new Promise((resolve) => setTimeout(resolve, OUTAGE_MILLIS))
    const down = await writer.stats()
    expect(down.logs.spooled).toBeGreaterThan((rate * OUTAGE_MILLIS) / 1000 / 2)
    expect(down.spoolBytes).toBeGreaterThan(0)
    expect(down.rss - before.rss).toBeLessThan(64 * 1024 * 1024)

    counter.status = 200
    counter.mostInFlight = 0
    const backMillis = Date.now()
    const newest = Math.max(...writer.ledger().map(({ id }) => id))
    // New ones do not wait for old ones.
    await vi.waitFor(() => expect(counter.counts.has(newest + 1)).toBe(true), { timeout: 10_000, interval: 10 })
    await writer.stop()
    await vi.waitFor(() => expect(segmentsIn(place)).toEqual([]), { timeout: DRAIN_MILLIS, interval: 50 })
    const drainedMillis = Date.now() - backMillis

    const ids = writer.ledger().map(({ id }) => id)
    await vi.waitFor(() => expect(ids.filter((id) => !counter.counts.has(id))).toEqual([]), 10_000)
    const twice = [...counter.counts.values()].filter((count) => count > 1).length
    expect(twice).toBeLessThanOrEqual(ids.length / 1000)
    expect(counter.mostInFlight).toBeLessThanOrEqual(4)
    const { logs } = await writer.stats()
    expect({ ...logs, dropped: Object.values(logs.dropped).reduce((sum, count) => sum + count, 0) }).toMatchObject({
      emitted: ids.length,
      delivered: ids.length,
      spooled: 0,
      queued: 0,
      dropped: 0,
    })
    console.log(
      `${rate}/s for ${OUTAGE_MILLIS} ms: drained after ${drainedMillis} ms, ${twice} twice, ` +
        `memory ${Math.round((down.rss - before.rss) / 1024 / 1024)} MiB more, spool ${Math.round(down.spoolBytes / 1024)} KiB for ${down.logs.spooled} records`,
    )
    await writer.kill()
    await counter.close()
  },
  OUTAGE_MILLIS + DRAIN_MILLIS + 60_000,
)
