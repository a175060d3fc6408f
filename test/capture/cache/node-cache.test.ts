/** node-cache: what a request looked up stands in its completion record, and nothing else is made of it. */
import { createRequire } from 'node:module'
import { inspect } from 'node:util'

import { describe, expect, test } from 'vitest'

import { createCacheInstrumentations } from '../../../src/capture/cache/cache-libraries.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { NODE_VERSIONS } from '../../support/nodes.ts'
import { countsOf, runCases } from '../../support/request-cases.ts'

/** Reads, hits, and whether the last one hit. */
const COUNTS: Readonly<Record<string, readonly unknown[]>> = {
  hit: [1, 1, true],
  miss: [1, 0, false],
  several: [4, 2, false],
  writes: [undefined, undefined, undefined],
  hitsA: [2, 2, true],
  missesB: [2, 0, false],
}

const LINES: Readonly<Record<string, readonly string[]>> = {
  hit: ['hit read text'],
  miss: ['miss read undefined'],
  several: ['several read there 1 undefined'],
  writes: ['writes has true 1 true false'],
  hitsA: ['hitsA afterwards'],
  missesB: ['missesB afterwards'],
}

const RUNS = NODE_VERSIONS.flatMap((node) => [
  { program: 'caches/node-cache.mjs', node },
  { program: 'caches/node-cache.cjs', node },
])

describe.each(RUNS)('$program, Node $node', ({ node, program }) => {
  test('each look-up counts into its own request, and is neither span nor record', { timeout: 60_000 }, async () => {
    const { cases, outside, end } = await runCases({ program, set: 'newest', node })
    expect({ code: end.code, frames: /frames of ours.*/.exec(end.stdout)?.[0] }).toEqual({ code: 0, frames: undefined })
    expect(Object.fromEntries(Object.entries(cases).map(([name, { lines }]) => [name, lines]))).toEqual(LINES)
    expect(Object.fromEntries(Object.entries(cases).map(([name, result]) => [name, countsOf(result)]))).toEqual(COUNTS)
    expect([outside, Object.values(cases).flatMap(({ calls, lookUps }) => [...calls, ...lookUps])]).toEqual([[], []])
  })
})

test('switched off, nothing is counted', { timeout: 60_000 }, async () => {
  const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'node-cache' }
  const { cases, end } = await runCases({ program: 'caches/node-cache.cjs', set: 'newest', env })
  expect([end.code, countsOf(cases['several'])]).toEqual([0, [undefined, undefined, undefined]])
})

test('caches look as they do without us, and disable gives the class back', () => {
  const kit = createHopKit()
  const instrumentation = createCacheInstrumentations(cacheOptionsOf(kit.options), kit.options.storage).find(
    ({ name }) => name === 'node-cache',
  )!
  const load = createRequire(new URL('../../libraries/newest/package.json', import.meta.url))
  const NodeCache = load('node-cache') as new (options: object) => object
  const looks = () => [NodeCache, new NodeCache({ checkperiod: 0 })].map((each) => inspect(each, { depth: 4 }))
  const [before, keys] = [looks(), Reflect.ownKeys(NodeCache)]
  instrumentation.enable()
  expect([instrumentation.status(), looks()]).toEqual(['active', before])
  instrumentation.disable()
  expect([instrumentation.status(), Reflect.ownKeys(NodeCache)]).toEqual(['off', keys])
})
