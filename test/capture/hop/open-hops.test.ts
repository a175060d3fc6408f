import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { beforeEach, expect, test } from 'vitest'

import { finishOpenHops, openHopCount, trackHop, untrackHop, type OpenHop } from '../../../src/capture/hop/open-hops.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const LATER = 10_000

class CountingHop implements OpenHop {
  finishedTimes = 0
  finishNow(): void {
    this.finishedTimes += 1
  }
}

beforeEach(() => finishOpenHops())

test('each open hop is finished once, also where another one fails', () => {
  const hops = [new CountingHop(), new CountingHop()]
  const failing: OpenHop = {
    finishNow() {
      throw new Error('cannot be finished')
    },
  }
  for (const hop of [hops[0] as CountingHop, failing, hops[1] as CountingHop]) trackHop(hop)
  finishOpenHops()
  finishOpenHops()
  expect(hops.map(({ finishedTimes }) => finishedTimes)).toEqual([1, 1])
})

test('a hop that has ended is not finished again, young or old', () => {
  const young = new CountingHop()
  const old = new CountingHop()
  trackHop(old, 0)
  trackHop(young, LATER)
  untrackHop(old)
  untrackHop(young)
  expect(openHopCount()).toBe(0)
  finishOpenHops()
  expect([young.finishedTimes, old.finishedTimes]).toEqual([0, 0])
})

test('what nobody else holds is not kept', async () => {
  const held = new CountingHop()
  trackHop(held, 2 * LATER)
  for (let count = 0; count < 1_000; count += 1) trackHop(new CountingHop(), 2 * LATER)
  trackHop(new CountingHop(), 3 * LATER)
  // What a WeakRef was made for stays until the turn is over.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(openHopCount()).toBe(2)
  finishOpenHops()
  expect(held.finishedTimes).toBe(1)
})
