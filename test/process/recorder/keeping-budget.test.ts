/** what keeping may cost, under a clock of the test's. */
import { describe, expect, test } from 'vitest'

import { KeepingBudget, WINDOW_MILLIS } from '../../../src/process/recorder/keeping-budget.ts'

/** Units that come one after the other, each with so many records of so much cost. */
class Load {
  nowMillis = 0
  /** Spent on keeping. */
  spentMillis = 0
  readonly shares: number[] = []
  readonly budget = new KeepingBudget(
    () => this.nowMillis,
    (share) => this.shares.push(share),
  )
  #trace = 0

  /** @param part  of the time that keeping all would cost */
  run(seconds: number, part: number): void {
    const until = this.nowMillis + seconds * 1000
    while (this.nowMillis < until) {
      // 64 records of 2 us in each unit.
      const cost = 0.128
      const isKept = this.budget.keeps((++this.#trace * 40_503).toString(16).padStart(32, '0'))
      for (let left = isKept ? 64 : 0; left > 0; left--) {
        this.budget.begin()
        this.nowMillis += 0.002
        this.spentMillis += 0.002
        this.budget.end()
      }
      this.nowMillis += cost / part - (isKept ? cost : 0)
    }
  }

  spentDuring(run: () => void): number {
    const [spent, from] = [this.spentMillis, this.nowMillis]
    run()
    return (this.spentMillis - spent) / (this.nowMillis - from)
  }
}

describe('a load that keeping takes', () => {
  test('less of than it may: all units are kept', () => {
    const load = new Load()
    load.run(60, 0.045)
    expect([load.budget.share, load.shares]).toEqual([1, []])
  })

  test.each([0.08, 0.2, 0.6])('%d of: the share falls until it takes less than 5 %, and stays', (part) => {
    const load = new Load()
    load.run(20, part)
    expect(load.spentDuring(() => load.run(60, part))).toBeLessThan(0.05)
    expect(load.budget.share).toBeLessThan(1)
    expect(load.shares.length).toBeLessThanOrEqual(3)
  })

  test('less of again: the share rises, by three quiet windows each time, and is told', () => {
    const load = new Load()
    load.run(20, 0.3)
    expect(load.budget.share).toBe(1 / 8)
    load.run((WINDOW_MILLIS / 1000) * 20, 0.01)
    expect(load.budget.share).toBe(1)
    expect(load.shares.at(-1)).toBe(1)
  })

  test('no unit at all: it has risen when one comes', () => {
    const load = new Load()
    load.run(20, 0.3)
    load.nowMillis += WINDOW_MILLIS * 20
    load.run(1, 0.01)
    expect(load.budget.share).toBe(1)
  })
})

test('a pause within a reading counts as a short one', () => {
  const load = new Load()
  for (let i = 0; i < 640; i++) {
    load.budget.begin()
    if (i % 64 === 63) load.nowMillis += 500
    load.budget.end()
  }
  expect(load.shares).toEqual([])
})

test('services choose alike: by the end of the trace id alone', () => {
  const [here, there] = [new Load(), new Load()]
  for (const load of [here, there]) load.run(20, 0.3)
  const ids = Array.from({ length: 1_000 }, (_, i) => (i * 2_654_435_761).toString(16).padStart(32, '0'))
  const kept = (load: Load): string[] => ids.filter((id) => load.budget.keeps(id))
  expect(kept(here)).toEqual(kept(there))
  expect(kept(here).length).toBeGreaterThan(80)
  expect(kept(here).length).toBeLessThan(180)
})
