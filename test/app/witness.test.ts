/**
 * The seat of those who see what is recorded: empty it changes nothing; taken, lines below the level are held for whoever wants them.
 */
import { ROOT_CONTEXT } from '@opentelemetry/api'
import { expect, test } from 'vitest'

import { holderBeside, type Witnesses, type WitnessSeat } from '../../src/app/witness.ts'
import type { LevelHolder } from '../../src/record/levels.ts'

function witnesses(from: number): Witnesses {
  return { wants: (severityNumber) => severityNumber >= from, log: () => {}, span: () => {} }
}

/** Holds from 5 up, and counts what it was told to expect. */
function recorder(): LevelHolder & { readonly expected: () => number } {
  let expected = 0
  return {
    isHolding: true,
    watchesFrom: 17,
    holds: (severityNumber) => severityNumber >= 5,
    expect: () => void expected++,
    expected: () => expected,
  }
}

test.each([
  { hasRecorder: false, from: undefined, isHolding: false, held: [false, false], expected: 0 },
  { hasRecorder: false, from: 5, isHolding: true, held: [false, true], expected: 0 },
  { hasRecorder: true, from: undefined, isHolding: true, held: [false, true], expected: 1 },
  { hasRecorder: true, from: 1, isHolding: true, held: [true, true], expected: 1 },
])('recorder: $hasRecorder, a witness from $from: holds trace and debug $held', ({ hasRecorder, from, ...wanted }) => {
  const seat: WitnessSeat = { current: from === undefined ? undefined : witnesses(from) }
  const kept = recorder()
  const holder = holderBeside({
    recorder: hasRecorder ? kept : undefined,
    seat,
    isReturning: false,
    active: () => ROOT_CONTEXT,
  })
  const held = [1, 5].map((severityNumber) => {
    const isHeld = holder.holds(severityNumber, undefined)
    // As levels.ts does: the recorder is told of what it holds alone.
    if (isHeld) holder.expect()
    return isHeld
  })
  expect({ isHolding: holder.isHolding, held, expected: kept.expected() }).toEqual(wanted)
  expect(holder.watchesFrom).toBe(hasRecorder ? 17 : 25)
})
