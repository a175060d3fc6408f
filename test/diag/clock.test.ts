import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createClock } from '../../src/diag/clock.ts'

describe('the clock', () => {
  test('has the resolution of the monotonic time', () => {
    let monotonic = 10
    const clock = createClock({
      wallMillis: () => 1_000_010,
      monotonicMillis: () => monotonic,
      originMillis: 1_000_000,
    })
    expect(clock.nowUnixNano()).toBe(1_000_010_000_000n)
    monotonic = 10.0005
    expect(clock.nowUnixNano()).toBe(1_000_010_000_500n)
  })

  test('does not follow a wall clock that is 5 ms off', () => {
    const clock = createClock({ wallMillis: () => 1_005, monotonicMillis: () => 0, originMillis: 1_000 })
    expect(clock.nowUnixNano()).toBe(1_000_000_000n)
  })

  test('is anchored again when the wall clock is further off', () => {
    let wall = 1_000
    let monotonic = 0
    const clock = createClock({ wallMillis: () => wall, monotonicMillis: () => monotonic, originMillis: 1_000 })
    clock.nowUnixNano()
    wall = 3_601_000
    expect(clock.nowUnixNano()).toBe(3_601_000_000_000n)
    monotonic = 1
    wall += 1
    expect(clock.nowUnixNano()).toBe(3_601_001_000_000n)
  })

  test('is right, and stays so, where the thread stands still between the readings of the two clocks', () => {
    let millis = 0
    let stops = 0
    const clock = createClock({
      wallMillis: () => {
        if (stops-- > 0) millis += 60
        return 1_000 + millis
      },
      monotonicMillis: () => millis,
      originMillis: 1_000,
    })
    for (const count of [1, 2, 3]) {
      stops = count
      millis += 1
      const began = millis
      expect(clock.nowUnixNano()).toBe(BigInt(1_000 + began) * 1_000_000n)
    }
  })

  test('agrees with Date.now and never goes back', () => {
    const clock = createClock()
    let last = 0n
    for (let i = 0; i < 1000; i++) {
      const now = clock.nowUnixNano()
      expect(now >= last).toBe(true)
      last = now
    }
    expect(Math.abs(Number(last / 1_000_000n) - Date.now())).toBeLessThan(1_000)
  })
})

test('a reading that is kept as a number is the same time in bytes', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 4e12, noNaN: true }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      (originMillis, sinceOrigin) => {
        const wallMillis = () => originMillis + sinceOrigin
        const clock = createClock({ originMillis, monotonicMillis: () => sinceOrigin, wallMillis })
        const view = new DataView(new ArrayBuffer(8))
        const anchor = clock.anchorAt(sinceOrigin)
        anchor.putUnixNano(view, 0, sinceOrigin)
        expect(view.getBigUint64(0, true)).toBe(anchor.unixNano(sinceOrigin))
        expect(clock.nowUnixNano()).toBe(anchor.unixNano(sinceOrigin))
        const wall = Math.floor(originMillis + sinceOrigin)
        // Two doubles are added: what is beyond their 53 bits is lost.
        const since = anchor.unixNano(sinceOrigin) - BigInt(wall) * 1_000_000n
        expect(Math.abs(anchor.nanosSince(wall, sinceOrigin) - Number(since))).toBeLessThanOrEqual(256)
      },
    ),
  )
})
