/**
 * What every stage must do (src/export/stage.ts): hold each batch once, give it to each lane once, and lose nothing it does not tell.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { OpenBatch } from '../../src/export/open-batch.ts'
import type { HeldBatch, PushedOut, Seat, Stage } from '../../src/export/stage.ts'
import type { EncodedBatch } from '../../src/model/encoded-batch.ts'
import { encodeResource } from '../../src/model/otlp-request.ts'
import { record, SCOPE } from '../export/harness.ts'

export const MAX_BYTES: number = 8 * 1024

const FIRST: Seat = { signal: 'logs', bit: 1 }
const SECOND: Seat = { signal: 'logs', bit: 2 }
const SPANS: Seat = { signal: 'spans', bit: 1 }
export const SEATS: readonly Seat[] = [FIRST, SECOND, SPANS]

const resource = encodeResource({ attributes: {} })

function createBatches(): (severities: readonly number[]) => EncodedBatch {
  let seq = 0
  const open = new OpenBatch({ signal: 'logs', resource, maxRecords: 1000 })
  return (severities) => {
    for (const severity of severities) open.addLog(record('x'.repeat(100), severity), SCOPE, seq++)
    return open.take()!
  }
}

function lostTo(seat: Seat, out: readonly PushedOut[]): number {
  return out
    .filter(({ signal, lanes }) => signal === seat.signal && (lanes & seat.bit) !== 0)
    .reduce((sum, { removed }) => sum + removed.count, 0)
}

type Step =
  | { readonly kind: 'offer'; readonly severities: readonly number[] }
  | { readonly kind: 'take' | 'settle' | 'putBack' | 'split'; readonly lane: 0 | 1 }

const laneStep = fc.record({
  kind: fc.constantFrom('take' as const, 'settle' as const, 'putBack' as const, 'split' as const),
  lane: fc.constantFrom(0 as const, 1 as const),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('offer' as const),
    severities: fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 20 }),
  }),
  { weight: 3, arbitrary: laneStep },
)

export function testStage(name: string, create: () => Stage): void {
  describe(`stage ${name}`, () => {
    test('gives each lane each batch once, in the order in which they came', () => {
      const stage = create()
      const batch = createBatches()
      const offered = [batch([9]), batch([9, 9]), batch([9])]
      for (const one of offered) expect(stage.offer(one)).toEqual([])
      for (const seat of [FIRST, SECOND]) {
        expect(offered.map(() => stage.take(seat)?.batch)).toEqual(offered)
        expect(stage.take(seat)).toBeUndefined()
        expect(stage.hasWaiting(seat)).toBe(false)
        expect(stage.count(seat)).toBe(4)
      }
    })

    test('frees a batch when each lane that wants it has an answer', () => {
      const stage = create()
      const one = createBatches()([9])
      stage.offer(one)
      expect(stage.bytes).toBe(one.bytes.length)
      stage.settle(FIRST, stage.take(FIRST)!)
      expect([stage.count(FIRST), stage.count(SECOND)]).toEqual([0, 1])
      expect(stage.bytes).toBe(one.bytes.length)
      stage.settle(SECOND, stage.take(SECOND)!)
      expect(stage.bytes).toBe(0)
    })

    test('has a batch that was put back first in line again', () => {
      const stage = create()
      const batch = createBatches()
      for (let i = 0; i < 3; i++) stage.offer(batch([9]))
      const taken = stage.take(FIRST)!
      stage.putBack(FIRST, taken)
      expect(stage.take(FIRST)).toBe(taken)
    })

    test('holds nothing of a signal that no lane wants', () => {
      const stage = create()
      expect(stage.offer({ ...createBatches()([9]), signal: 'spans' })).toEqual([])
      expect(stage.count(SPANS)).toBe(1)
      expect(stage.hasWaiting({ signal: 'logs', bit: 1 })).toBe(false)
    })

    test('halves for one lane what the other still has whole', () => {
      const stage = create()
      stage.offer(createBatches()([9, 9, 9]))
      const whole = stage.take(SECOND)!
      expect(stage.split(FIRST, stage.take(FIRST)!)).toBe(true)
      expect([stage.take(FIRST)?.batch.ends.length, stage.take(FIRST)?.batch.ends.length]).toEqual([1, 2])
      expect(whole.batch.ends).toHaveLength(3)
      expect([stage.count(FIRST), stage.count(SECOND)]).toEqual([3, 3])
    })

    test('does not halve a single record', () => {
      const stage = create()
      stage.offer(createBatches()([9]))
      expect(stage.split(FIRST, stage.take(FIRST)!)).toBe(false)
    })

    test('says how old what a lane has no answer for is', () => {
      const stage = create()
      const batch = createBatches()
      const [first, second] = [batch([9]), batch([9])]
      stage.offer(first)
      stage.offer(second)
      expect(stage.arrivals).toBe(2)
      stage.settle(FIRST, stage.take(FIRST)!)
      expect([stage.oldestArrival(FIRST), stage.oldestArrival(SECOND)]).toEqual([1, 0])
      expect(stage.oldestSinceMillis(FIRST)).toBe(second.sinceMillis)
      expect(stage.oldestSinceMillis(SECOND)).toBe(first.sinceMillis)
      expect(stage.oldestArrival(SPANS)).toBeUndefined()
    })

    test('makes room by the lowest ranks, never by what a lane has taken', () => {
      const stage = create()
      const batch = createBatches()
      stage.offer(batch(Array<number>(10).fill(1)))
      const taken = stage.take(FIRST)!
      stage.offer(batch([...Array<number>(20).fill(17), ...Array<number>(20).fill(5)]))
      const out = stage.offer(batch(Array<number>(20).fill(9)))
      expect(lostTo(FIRST, out)).toBeGreaterThan(0)
      expect(lostTo(FIRST, out)).toBeLessThanOrEqual(20)
      expect(stage.bytes).toBeLessThanOrEqual(MAX_BYTES)
      expect(taken.batch.ends).toHaveLength(10)
      const left = [stage.take(FIRST)!, stage.take(FIRST)!].flatMap((held) => [...held.batch.severities])
      expect(left.filter((severity) => severity === 17)).toHaveLength(20)
      expect(left.filter((severity) => severity === 9)).toHaveLength(20)
    })

    test('whatever happens, each record is in it, answered for, or told as lost: for each lane', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          const stage = create()
          const batch = createBatches()
          const lanes = [FIRST, SECOND].map((seat) => ({ seat, taken: [] as HeldBatch[], answered: 0, lost: 0 }))
          let offered = 0
          for (const one of steps) {
            if (one.kind === 'offer') {
              offered += one.severities.length
              const out = stage.offer(batch(one.severities))
              for (const lane of lanes) lane.lost += lostTo(lane.seat, out)
            } else {
              const lane = lanes[one.lane]!
              act(stage, one.kind, lane)
            }
            for (const lane of lanes) expect(stage.count(lane.seat) + lane.answered + lane.lost).toBe(offered)
          }
          const left = stage.dropAll()
          for (const lane of lanes) expect(lostTo(lane.seat, left) + lane.answered + lane.lost).toBe(offered)
          expect(stage.bytes).toBe(0)
        }),
        { numRuns: 200 },
      )
    })
  })
}

function act(
  stage: Stage,
  kind: 'take' | 'settle' | 'putBack' | 'split',
  lane: { readonly seat: Seat; readonly taken: HeldBatch[]; answered: number },
): void {
  if (kind === 'take') {
    const held = stage.take(lane.seat)
    if (held !== undefined) lane.taken.push(held)
    return
  }
  const held = lane.taken.pop()
  if (held === undefined) return
  const count = held.batch.ends.length
  if (kind === 'putBack') stage.putBack(lane.seat, held)
  else if (kind === 'settle' || !stage.split(lane.seat, held)) {
    lane.answered += count
    stage.settle(lane.seat, held)
  }
}
