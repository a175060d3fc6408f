/** What the recorder does when it is told that traces have failed in another service. */
import { describe, expect, test } from 'vitest'

import { MAX_TOLD, TOLD_MILLIS } from '../../../src/process/recorder/told-traces.ts'
import { RecorderKit } from './recorder-kit.ts'

const A = 'a'.repeat(32)
const B = 'b'.repeat(32)

describe('units of the trace', () => {
  test('that linger and that run are dumped, once; others are not', () => {
    const kit = new RecorderKit()
    const [ended, running, other] = [kit.begin(A), kit.begin(A), kit.begin(B)]
    kit.keep(ended, 'ended')
    kit.end(ended)
    kit.keep(running, 'running')
    kit.keep(other, 'other')
    kit.nowMillis += 500
    kit.recorder.dumpTraces([A], 0)
    kit.recorder.dumpTraces([A], 0)
    expect(kit.out).toEqual(['[remote]', '+ended', '[remote]', '+running'])
    kit.keep(running, 'later')
    expect(kit.out.at(-1)).toBe('+later')
    expect(kit.recorder.stats()).toMatchObject({ wanted: 2, unheard: 0, dumps: { remote: 2 } })
  })

  test('that lingered too long are gone', () => {
    const kit = new RecorderKit()
    const unit = kit.begin(A)
    kit.keep(unit, 'line')
    kit.end(unit)
    kit.nowMillis += 2_000
    kit.recorder.dumpTraces([A], 0)
    expect(kit.out).toEqual([])
  })

  test('that run and have kept nothing yet are dumped from their first line on', () => {
    const kit = new RecorderKit()
    const unit = kit.begin(A)
    kit.recorder.dumpTraces([A], 0)
    kit.nowMillis += 100
    kit.keep(unit, 'first')
    kit.keep(unit, 'second')
    expect(kit.out).toEqual(['[remote]', '+first', '+second'])
  })

  test('that begin afterwards are not: the failure was before them', () => {
    const kit = new RecorderKit()
    kit.recorder.dumpTraces([A], 0)
    kit.nowMillis += 1
    kit.keep(kit.begin(A), 'later')
    expect(kit.out).toEqual([])
  })

  test('that keep their first line long afterwards are not', () => {
    const kit = new RecorderKit()
    const unit = kit.begin(A)
    kit.recorder.dumpTraces([A], 0)
    kit.nowMillis += TOLD_MILLIS
    kit.keep(unit, 'late')
    expect(kit.out).toEqual([])
  })

  test('that were dumped already say nothing more', () => {
    const kit = new RecorderKit()
    const unit = kit.begin(A)
    kit.keep(unit, 'line')
    kit.log(unit, 'failed')
    kit.recorder.dumpTraces([A], 0)
    expect(kit.out).toEqual(['[level]', '+line', 'failed'])
  })

  test('whose own dump was one of too many are dumped: somebody wants this very one', () => {
    const kit = new RecorderKit()
    for (let i = 0; i < 6; i++) {
      const unit = kit.begin(i === 5 ? A : undefined, '/same')
      kit.keep(unit, `line ${i}`)
      kit.log(unit, 'failed')
      kit.end(unit)
    }
    expect(kit.out).not.toContain('+line 5')
    kit.recorder.dumpTraces([A], 0)
    expect(kit.out.slice(-2)).toEqual(['[remote]', '+line 5'])
  })
})

test('a storm of words makes no storm of dumps', () => {
  const kit = new RecorderKit()
  const ids = Array.from({ length: 1_000 }, (_, i) => i.toString(16).padStart(32, '0'))
  for (const id of ids) kit.keep(kit.begin(id), 'line')
  kit.recorder.dumpTraces(ids, 0)
  expect(kit.recorder.stats()).toMatchObject({ suppressed: 950, dumps: { remote: 50 } })
})

test('what is remembered is bounded, and what was too much is counted', () => {
  const kit = new RecorderKit()
  const ids = Array.from({ length: MAX_TOLD + 1 }, (_, i) => i.toString(16).padStart(32, '0'))
  const [first, last] = [kit.begin(ids[0]), kit.begin(ids.at(-1))]
  kit.recorder.dumpTraces(ids, 17)
  kit.keep(first, 'first')
  kit.keep(last, 'last')
  expect(kit.out).toEqual(['[remote]', '+last'])
  expect(kit.recorder.stats()).toMatchObject({ wanted: MAX_TOLD + 1, unheard: 17 })
})

test('a recorder that has stopped is told in vain', () => {
  const kit = new RecorderKit()
  kit.keep(kit.begin(A), 'line')
  kit.recorder.stop()
  kit.recorder.dumpTraces([A], 0)
  expect(kit.out).toEqual([])
})
