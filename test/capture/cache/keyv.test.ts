/** keyv, and cacheable and cache-manager above it: what a request looked up in memory stands in its completion record, once. */
import { createRequire } from 'node:module'
import { inspect } from 'node:util'

import { describe, expect, test } from 'vitest'

import { createCacheInstrumentations } from '../../../src/capture/cache/cache-libraries.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { NODE_VERSIONS } from '../../support/nodes.ts'
import { countsOf, runCases } from '../../support/request-cases.ts'

/** Reads, hits, and whether the last one hit. */
const COUNTS = {
  hit: [1, 1, true],
  miss: [1, 0, false],
  many: [2, 1, false],
  heardByOthers: [2, 1, false],
  writes: [undefined, undefined, undefined],
  cacheable: [2, 1, false],
  manager: [2, 1, false],
  hitsA: [2, 2, true],
  missesB: [2, 0, false],
}
const NOTHING = [undefined, undefined, undefined]
const NO_COUNTS = Object.fromEntries(Object.keys(COUNTS).map((name) => [name, NOTHING]))

const RUNS = [
  ...NODE_VERSIONS.map((node) => ({ node, program: 'caches/keyv.cjs', set: 'newest' as const, counts: COUNTS })),
  {
    node: NODE_VERSIONS[0]!,
    program: 'caches/keyv.cjs',
    set: 'oldest' as const,
    counts: { ...COUNTS, manager: NOTHING },
  },
  // Modules of their own, which no hook sees.
  { node: NODE_VERSIONS[1]!, program: 'caches/keyv.mjs', set: 'newest' as const, counts: NO_COUNTS },
]

describe.each(RUNS)('$program, $set, Node $node', ({ node, program, set, counts }) => {
  test('each look-up counts into its own request, and is neither span nor record', { timeout: 60_000 }, async () => {
    const { cases, outside, end } = await runCases({ program, set, node })
    expect({ code: end.code, other: /(?:frames of ours|looks changed|failed).*/.exec(end.stdout)?.[0] }).toEqual({
      code: 0,
      other: undefined,
    })
    expect(Object.fromEntries(Object.entries(cases).map(([name, result]) => [name, countsOf(result)]))).toEqual(counts)
    expect(cases['heardByOthers']?.lines).toEqual(['heardByOthers told 2 times, 0 of them by us, 1 1'])
    expect([outside, Object.values(cases).flatMap(({ calls, lookUps }) => [...calls, ...lookUps])]).toEqual([[], []])
  })
})

test.each(['newest', 'oldest'])('%s: disable gives the classes back as they were', (set) => {
  const kit = createHopKit()
  const instrumentation = createCacheInstrumentations(cacheOptionsOf(kit.options), kit.options.storage).find(
    ({ name }) => name === 'keyv',
  )!
  const load = createRequire(new URL(`../../libraries/${set}/package.json`, import.meta.url))
  const { Keyv } = load('keyv') as { Keyv: new () => { readonly hooks: object } }
  const keyv = new Keyv()
  const method = set === 'newest' ? 'emitTelemetry' : 'trigger'
  const prototype = set === 'newest' ? Keyv.prototype : (Object.getPrototypeOf(keyv.hooks) as object)
  const looks = () => [Reflect.ownKeys(prototype), Reflect.ownKeys(Keyv.prototype), inspect(new Keyv(), { depth: 5 })]
  const [before, own] = [looks(), Object.getOwnPropertyDescriptor(prototype, method)]
  instrumentation.enable()
  expect([instrumentation.status(), looks()]).toEqual(['active', before])
  instrumentation.disable()
  expect([instrumentation.status(), looks()]).toEqual(['off', before])
  expect(Object.getOwnPropertyDescriptor(prototype, method)).toEqual(own)
})
