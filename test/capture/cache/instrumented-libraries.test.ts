/** instrumentCache with the caches of libraries: each look-up counts once, also where the library is heard by itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect } from 'vitest'

import { NODE_VERSIONS } from '../../support/nodes.ts'
import { countsOf, runCases } from '../../support/request-cases.ts'
import { hasProgram, requireProgram } from '../../support/require.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis.ts'

const TRACELOG_API = new URL('../../../dist/index.js', import.meta.url).href
const folder = mkdtempSync(join(tmpdir(), 'tracelog-redis-'))
let redis: TestRedis | undefined

beforeAll(async () => {
  if (hasProgram('redis-server')) redis = await startRedis(folder)
}, 30_000)
afterAll(async () => {
  await redis?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Reads, hits, and whether the last one hit. */
const ONE_OF_TWO = [2, 1, false]
const THEN_HIT = [2, 1, true]
/** Of each cache, and of what only it can do. */
const COUNTS: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  keyv: { keyv: ONE_OF_TWO, many: [1, 1, true] },
  keyvOnRedis: { keyvOnRedis: ONE_OF_TWO },
  // Loads what is missing, and looks for it once more before.
  cacheable: { cacheable: ONE_OF_TWO, getOrSet: THEN_HIT },
  manager: { manager: ONE_OF_TWO, wrap: THEN_HIT },
  lru: { lru: ONE_OF_TWO, fetch: THEN_HIT },
  nodeCache: { nodeCache: ONE_OF_TWO },
}

/** In memory nothing is told; what keyv asks elsewhere on its own behalf is told too, and does not count. */
const ON_REDIS = ['redis get hit', 'redis get miss', 'keyvOnRedis get hit', 'keyvOnRedis get miss']

const [oldest, current, newest] = NODE_VERSIONS as [string, string, string]
const ALL = ['keyv', 'cacheable', 'manager', 'lru', 'nodeCache']
const RUNS = [
  { program: 'caches/instrumented.mjs', set: 'newest', node: oldest, caches: ALL },
  { program: 'caches/instrumented.mjs', set: 'newest', node: current, caches: ALL },
  { program: 'caches/instrumented.cjs', set: 'newest', node: newest, caches: ALL },
  { program: 'caches/instrumented.cjs', set: 'oldest', node: current, caches: ['keyv', 'cacheable', 'keyvOnRedis'] },
  { program: 'caches/instrumented.cjs', set: 'between', node: oldest, caches: ['keyv', 'manager', 'lru'] },
] as const

requireProgram('redis-server').each(RUNS)(
  '$program, $set, Node $node',
  { timeout: 60_000 },
  async ({ caches, ...run }) => {
    // No spans: on a busy machine a look-up in memory may be slow.
    const env = { TRACELOG_API, CACHES: caches.join(), REDIS_URL: redis?.url ?? '', TRACELOG_CACHE_SPANS: 'off' }
    const { cases, end } = await runCases({ ...run, env })
    expect({ code: end.code, other: /.*(?:failed|not as before).*/.exec(end.stdout)?.[0], err: end.stderr }).toEqual({
      code: 0,
      other: undefined,
      err: '',
    })
    const expected = Object.assign({}, ...caches.map((name) => COUNTS[name])) as object
    expect(Object.fromEntries(Object.entries(cases).map(([name, result]) => [name, countsOf(result)]))).toEqual(
      expected,
    )
    const told = Object.values(cases).flatMap(({ lookUps }) => lookUps.map(({ body }) => body))
    expect(new Set(told)).toEqual(new Set(caches.some((name) => name === 'keyvOnRedis') ? ON_REDIS : []))
  },
)
