/**
 * Any order of beginnings, records, failures, ends, dumps, discards and time against an oracle that is as plain as the specification: it
 * keeps lists, and looks at all of them.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { RequestUnit } from '../../../src/context/request-unit.ts'
import { RecorderKit, SETTINGS } from './recorder-kit.ts'

const MAX_RECORDS = 5
const UNITS = 4

type Step =
  | { readonly do: 'keep'; readonly unit: number; readonly severity: number }
  | { readonly do: 'log'; readonly unit: number }
  | { readonly do: 'end'; readonly unit: number; readonly status: number }
  | { readonly do: 'dump' | 'discard'; readonly unit: number }
  | { readonly do: 'wait'; readonly millis: number }

const unit = fc.nat({ max: UNITS - 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('keep' as const), unit, severity: fc.constantFrom(1, 5, 5, 9, 17) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('log' as const), unit }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('end' as const), unit, status: fc.constantFrom(200, 404, 500) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('dump' as const, 'discard' as const), unit }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), millis: fc.constantFrom(1, 500, 1999, 2000) }),
  },
)

/** What one unit has by the specification. */
interface Expected {
  kept: string[]
  evicted: number
  isTainted: boolean
  due: string | undefined
  passed: number
  endedMillis: number | undefined
}

class Oracle {
  readonly out: string[] = []
  readonly units: Expected[] = Array.from({ length: UNITS }, () => ({
    kept: [],
    evicted: 0,
    isTainted: false,
    due: undefined,
    passed: 0,
    endedMillis: undefined,
  }))
  counts = { kept: 0, dumped: 0, discarded: 0, evicted: 0 }
  nowMillis = 1_000

  isOver({ endedMillis }: Expected): boolean {
    return endedMillis !== undefined && this.nowMillis >= endedMillis + SETTINGS.lingerMillis
  }

  keep(at: Expected, body: string, severity: number): void {
    if (this.isOver(at)) return
    this.counts.kept++
    if (at.isTainted && at.due === undefined && at.passed < MAX_RECORDS) {
      at.passed++
      this.counts.dumped++
      this.out.push(`+${body}`)
      return
    }
    at.kept.push(body)
    if (at.kept.length > MAX_RECORDS) {
      at.kept.shift()
      at.evicted++
      this.counts.evicted++
    }
    if (at.due !== undefined) this.handOver(at, at.due)
    else if (severity >= SETTINGS.dumpFrom) this.trigger(at, 'level')
  }

  trigger(at: Expected, reason: string): void {
    if (at.isTainted || this.isOver(at)) return
    at.isTainted = true
    at.due = reason
    if (at.kept.length > 0 || at.evicted > 0) this.handOver(at, reason)
  }

  handOver(at: Expected, reason: string | undefined): void {
    at.due = undefined
    if (reason !== undefined) this.out.push(`[${reason}]`)
    this.out.push(...at.kept.map((body) => `+${body}`))
    this.counts.dumped += at.kept.length
    at.kept = []
    at.evicted = 0
  }

  end(at: Expected, status: number): void {
    at.endedMillis = this.nowMillis
    if (status >= 500) this.trigger(at, 'status')
    if (at.isTainted && at.due === undefined && at.kept.length > 0)
      this.handOver(at, at.evicted > 0 ? 'tail' : undefined)
  }

  discard(at: Expected): void {
    if (at.isTainted || this.isOver(at)) return
    this.counts.discarded += at.kept.length
    at.kept = []
    at.evicted = 0
  }
}

function play(kit: RecorderKit, oracle: Oracle, steps: readonly Step[]): void {
  const units: RequestUnit[] = Array.from({ length: UNITS }, () => kit.begin())
  for (const [i, one] of steps.entries()) {
    const body = `${i}`
    if (one.do === 'wait') {
      kit.nowMillis += one.millis
      oracle.nowMillis += one.millis
      continue
    }
    const real = units[one.unit]!
    const expected = oracle.units[one.unit]!
    if (one.do === 'keep') {
      kit.keep(real, body, one.severity)
      oracle.keep(expected, body, one.severity)
    } else if (one.do === 'log') {
      kit.log(real, body)
      oracle.trigger(expected, 'level')
      oracle.out.push(body)
    } else if (one.do === 'dump') {
      kit.recorder.dump(real)
      oracle.trigger(expected, 'manual')
    } else if (one.do === 'end') {
      if (real.hasEnded) continue
      kit.end(real, { status: one.status })
      oracle.end(expected, one.status)
    } else {
      if (!oracle.isOver(expected)) kit.recorder.discard(real)
      oracle.discard(expected)
    }
    expect(kit.out).toEqual(oracle.out)
  }
}

test('what is handed over, and when, is what the specification says', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const kit = new RecorderKit({ unitMaxRecords: MAX_RECORDS })
      const oracle = new Oracle()
      play(kit, oracle, steps)
      const { kept, dumped, evicted } = kit.recorder.stats()
      expect({ kept, dumped, evicted }).toEqual({
        kept: oracle.counts.kept,
        dumped: oracle.counts.dumped,
        evicted: oracle.counts.evicted,
      })
    }),
    { numRuns: 2_000 },
  )
})

test('kept = dumped + discarded + evicted + what is in memory, and nothing is left in the end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const kit = new RecorderKit({ unitMaxRecords: MAX_RECORDS })
      play(kit, new Oracle(), steps)
      kit.recorder.stop()
      const { kept, dumped, discarded, evicted, bytes, units, lingering } = kit.recorder.stats()
      expect(kept).toBe(dumped + discarded + evicted)
      expect({ bytes, units, lingering }).toEqual({ bytes: 0, units: 0, lingering: 0 })
    }),
    { numRuns: 500 },
  )
})
