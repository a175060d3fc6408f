/** What a request's completion record says of the hops below it. */
import { describe, expect, test } from 'vitest'

import { ROLL_UP_KEYS, RollUp } from '../../src/context/roll-up.ts'
import { FLAT_KEY_BY_ATTRIBUTE } from '../../src/model/flat-keys.ts'

function told(rollUp: RollUp): Record<string, unknown> {
  const attributes: Record<string, unknown> = {}
  rollUp.tell(attributes, (target, key, value) => (target[key] = value))
  return attributes
}

function counted(count: (rollUp: RollUp) => void): Record<string, unknown> {
  const rollUp = new RollUp()
  count(rollUp)
  return told(rollUp)
}

describe('a roll-up tells', () => {
  test('nothing of what was not asked', () => {
    expect(counted(() => {})).toEqual({})
  })

  test('reads, hits, their time, and how the last one ended', () => {
    const attributes = counted((rollUp) => {
      rollUp.addCacheRead(true, 1.5)
      rollUp.addCacheRead(false, 0.25)
      rollUp.addCacheRead(undefined, 2)
    })
    expect(attributes).toEqual({
      'tracelog.cache.hit': false,
      'tracelog.cache.reads': 3,
      'tracelog.cache.hits': 1,
      'tracelog.cache.ms': 3.75,
    })
  })

  test('a hit that only an upstream told of, without reads of its own', () => {
    expect(counted((rollUp) => (rollUp.lastHit = true))).toEqual({ 'tracelog.cache.hit': true })
  })

  test('calls to databases and their time, with three decimals at most', () => {
    const attributes = counted((rollUp) => {
      rollUp.addDbCall(0.1234)
      rollUp.addDbCall(10)
    })
    expect(attributes).toEqual({ 'tracelog.db.calls': 2, 'tracelog.db.ms': 10.123 })
  })
})

test('each of its keys has a short one in flat lines, and there is no other', () => {
  const attributes = counted((rollUp) => {
    rollUp.addCacheRead(true, 1)
    rollUp.addDbCall(1)
  })
  expect(Object.keys(attributes).toSorted()).toEqual(ROLL_UP_KEYS.toSorted())
  expect(ROLL_UP_KEYS.map((key) => FLAT_KEY_BY_ATTRIBUTE.get(key))).toEqual([
    'cache_hit',
    'cache_reads',
    'cache_hits',
    'cache_ms',
    'db_calls',
    'db_ms',
  ])
})
