/**
 * memcached against two real servers: each query is a hop of the request that asked, its code goes on in that request, and no frame is ours.
 *
 *   GET /reads              tracelog.http.server.end  cache_hit true, cache_reads 3, cache_hits 2
 *   ├─ get  (client)        tracelog.cache.end  memcached get miss
 *   ├─ set  (client)
 *   ├─ get  (client)        tracelog.cache.end  memcached get hit
 *   └─ gets  (client)       tracelog.cache.end  memcached get hit
 */
import { createRequire } from 'node:module'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createCacheInstrumentations } from '../../../src/capture/cache/cache-libraries.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { runChild } from '../../support/child.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { libraryProgram } from '../../support/libraries.ts'
import { NODE_VERSIONS } from '../../support/nodes.ts'
import { runCases, type CaseResult } from '../../support/request-cases.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { startMemcached, testWithMemcached, type TestMemcached } from '../../support/servers/memcached.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of testWithMemcached are tests */
const it = testWithMemcached

let servers: readonly TestMemcached[] = []
let env: Record<string, string>
beforeAll(async () => {
  servers = await Promise.all([startMemcached(), startMemcached()]).catch(() => [])
  env = {
    MEMCACHED_PORT: String(servers[0]?.port),
    SECOND_PORT: String(servers[1]?.port),
    DEAD_PORT: String(await freePort()),
  }
}, 60_000)
afterAll(() => Promise.all(servers.map((server) => server.stop())))

/** Name, hit and `error.type` of its spans. */
const told = (result: CaseResult | undefined) =>
  result?.calls.map(({ name, attributes }) =>
    [name, attributes['tracelog.cache.hit'], attributes['error.type']].filter((each) => each !== undefined),
  )

/** What each case says in its request's trace. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  reads: ['reads read undefined', 'reads read 9', 'reads read app:user:1,cas'],
  multi: ['multi read there:1,there:2', 'multi read '],
  callback: ['callback called back 9 key,callback,validate,type,command,start,execution', 'callback timer'],
  writes: ['writes made true,true,true,true,true,152,151,true,false,true,false'],
  several: ['several read 40'],
  refusedByIt: ['refusedByIt called back true'],
  dead: ['dead called back ECONNREFUSED', 'dead available'],
  wrong: ['wrong called back'],
  ...Object.fromEntries(
    ['waitsA', 'waitsB', 'waitsC'].map((name) => [name, [`${name} called back`, `${name} called back again`]]),
  ),
}

const waits = [
  ['get', true],
  ['get', false],
]
const CALLS: Readonly<Record<string, readonly unknown[]>> = {
  reads: [['get', false], ['set'], ['get', true], ['gets', true]],
  multi: [
    ['get', true],
    ['get', false],
  ],
  callback: [['get', true]],
  writes: 'add add replace append prepend incr decr touch cas delete delete'.split(' ').map((name) => [name]),
  several: [...Array.from({ length: 40 }, () => ['set']), ['get', true], ['get', true]],
  refusedByIt: [['get', 'Error']],
  dead: [
    ['get', 'ECONNREFUSED'],
    ['set', 'ECONNREFUSED'],
  ],
  wrong: [],
  waitsA: waits,
  waitsB: waits,
  waitsC: waits,
}

const ESM = 'caches/memcached.mjs'
const CJS = 'caches/memcached.cjs'
const RUNS = [
  ...NODE_VERSIONS.map((node) => ({ program: ESM, node })),
  ...NODE_VERSIONS.map((node) => ({ program: CJS, node })),
]

describe.each(RUNS)('$program, Node $node', ({ node, program }) => {
  it('each query is a hop of its request, and so is all that follows', { timeout: 60_000 }, async () => {
    const { cases, outside, end } = await runCases({ program, set: 'newest', node, env })
    expect({ code: end.code, frames: /frames of ours.*/.exec(end.stdout)?.[0] }).toEqual({ code: 0, frames: undefined })
    expect(Object.fromEntries(Object.entries(cases).map(([name, { lines }]) => [name, lines]))).toEqual(LINES)
    for (const [name, calls] of Object.entries(CALLS)) expect([name, told(cases[name])]).toEqual([name, calls])
    expect(outside).toHaveLength(2)
    expect(cases['reads']?.completion).toMatchObject({
      'tracelog.cache.hit': true,
      'tracelog.cache.reads': 3,
      'tracelog.cache.hits': 2,
      'tracelog.cache.ms': expect.any(Number) as number,
    })
  })
})

it(
  'a look-up has a record, a write has none unless it fails; a cache that is down is an ERROR',
  { timeout: 60_000 },
  async () => {
    const { cases } = await runCases({ program: CJS, set: 'newest', env })
    const recordsOf = (name: string) =>
      cases[name]?.lookUps.map(({ body, severityNumber, spanId }) => [body, severityNumber, spanId])
    const spanIds = cases['reads']?.calls.map(({ spanId }) => spanId)
    expect(recordsOf('reads')).toEqual([
      ['memcached get miss', 9, spanIds?.[0]],
      ['memcached get hit', 9, spanIds?.[2]],
      ['memcached get hit', 9, spanIds?.[3]],
    ])
    expect(recordsOf('dead')).toEqual([
      ['memcached get failed', 17, cases['dead']?.calls[0]?.spanId],
      ['memcached set failed', 17, cases['dead']?.calls[1]?.spanId],
    ])
    expect(cases['dead']?.calls.map(({ statusCode, statusMessage }) => [statusCode, statusMessage])).toEqual(
      Array.from({ length: 2 }, () => [2, `Error: connect ECONNREFUSED 127.0.0.1:${env['DEAD_PORT']}`]),
    )
  },
)

it('a span says where it asked and what, and a key by its pattern only', { timeout: 60_000 }, async () => {
  const { cases } = await runCases({
    program: CJS,
    set: 'newest',
    env: { ...env, TRACELOG_CACHE_KEYS: 'pattern' },
  })
  expect(cases['callback']?.calls[0]).toMatchObject({
    kind: 3,
    attributes: {
      'db.system.name': 'memcached',
      'db.operation.name': 'get',
      'server.address': '127.0.0.1',
      'server.port': servers[0]?.port,
      'tracelog.component': 'cache',
      'tracelog.cache.name': 'memcached',
      'tracelog.cache.op': 'get',
      'tracelog.cache.key': 'app:there:*',
      'tracelog.cache.hit': true,
    },
  })
  const ports = cases['several']?.calls.slice(-2).map(({ attributes }) => attributes['server.port'])
  expect(new Set(ports)).toEqual(new Set(servers.map(({ port }) => port)))
  const said = Object.values(cases).flatMap(({ calls, lookUps }) =>
    [calls, lookUps].flat().map(({ attributes }) => attributes),
  )
  expect(JSON.stringify(said)).not.toMatch(/there:1|my secret/)
})

it('switched off, nothing is recorded and all runs as it does', { timeout: 60_000 }, async () => {
  const off = { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'memcached' }
  const { cases, outside, end } = await runCases({ program: CJS, set: 'newest', env: off })
  expect([end.code, outside, Object.values(cases).flatMap(({ calls }) => calls)]).toEqual([0, [], []])
})

it('its objects look as they do without us, and so does the query in a callback', { timeout: 60_000 }, async () => {
  const [bare, heard] = await Promise.all(
    (['none', 'require'] as const).map((preload) =>
      runChild(libraryProgram('caches/memcached-looks.cjs', 'newest'), {
        preload,
        env: { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', ...env },
      }),
    ),
  )
  expect(bare?.stdout).toContain("'execution'")
  expect(heard?.stdout).toBe(bare?.stdout)
})

test('disable gives memcached its function back', () => {
  const kit = createHopKit()
  const instrumentation = createCacheInstrumentations(cacheOptionsOf(kit.options), kit.options.storage).find(
    ({ name }) => name === 'memcached',
  )!
  const load = createRequire(new URL('../../libraries/newest/package.json', import.meta.url))
  const utils = load('memcached/lib/utils') as { readonly validateArg: unknown }
  const { validateArg } = utils
  instrumentation.enable()
  expect([instrumentation.status(), utils.validateArg === validateArg]).toEqual(['active', false])
  instrumentation.disable()
  expect([instrumentation.status(), utils.validateArg]).toEqual(['off', validateArg])
})
