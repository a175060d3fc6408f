import { expect, test } from 'vitest'

import { lateChain } from '../../src/app/late-chain.ts'
import type { RecordChain } from '../../src/app/record-chain.ts'
import type { Composition, LaneSpec } from '../../src/export/lane-spec.ts'
import type { Signal } from '../../src/model/signal.ts'

function lane(signal: Signal): LaneSpec {
  return { signal, name: 'console', label: 'standard output', to: { kind: 'stdout' } }
}

function late(lanes: Composition = [lane('logs'), lane('spans')]) {
  const calls: string[] = []
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args.filter((arg) => typeof arg === 'string')].join(' '))
  const pipeline = Object.fromEntries(
    ['drain', 'drainWithin', 'goOn', 'sayLast', 'lastTurn', 'flush', 'stats'].map((name) => [name, note(name)]),
  )
  const create = () => {
    calls.push('create')
    return { pipeline, logs: { emit: note('log') }, spans: { emit: note('span') } } as unknown as RecordChain
  }
  const chain = lateChain({ lanes, recorder: undefined, seat: { current: undefined }, create })
  return { calls, chain, log: () => chain.logs.emit('a' as never, 'scope' as never, 'export', 'here' as never) }
}

test('is made by the first record, and once', () => {
  const { calls, log, chain } = late()
  expect(chain.outlet.accepts('logs')).toBe(true)
  expect(calls).toEqual([])
  log()
  log()
  expect(calls).toEqual(['create', 'log a scope export here', 'log a scope export here'])
})

test('a process that writes nothing ends without it', () => {
  const { calls, chain } = late()
  chain.outlet.lastTurn()
  chain.outlet.drainWithin(500)
  chain.outlet.goOn()
  chain.outlet.drain()
  chain.outlet.sayLast()
  expect(calls).toEqual([])
})

test('what is written only after the end has begun is sent as all that comes then', () => {
  const { calls, chain, log } = late()
  chain.outlet.drain()
  log()
  expect(calls).toEqual(['create', 'drain', 'log a scope export here'])
})

test('an end that did not come is forgotten', () => {
  const { calls, chain, log } = late()
  chain.outlet.drainWithin(500)
  chain.outlet.goOn()
  log()
  expect(calls).toEqual(['create', 'log a scope export here'])
})

test('spans that go nowhere do not make it', () => {
  const { calls, chain } = late([lane('logs')])
  chain.spans.emit('a' as never, 'scope' as never)
  expect(chain.encoded.takes('spans')).toBe(false)
  expect(chain.outlet.accepts('spans')).toBe(false)
  expect(calls).toEqual([])
})

test('who asks for figures or for a flush makes it', () => {
  const { calls, chain } = late()
  chain.outlet.stats()
  void chain.outlet.flush()
  expect(calls).toEqual(['create', 'stats', 'flush'])
})
