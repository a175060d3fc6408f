/**
 * memjs against a real memcached: each call is a hop of the request that asked, its code goes on in that request, and no frame is ours.
 *
 *   GET /promise            tracelog.http.server.end  cache_hit true, cache_reads 2, cache_hits 1
 *   ├─ get  (client)        tracelog.cache.end  memcached get miss
 *   ├─ set  (client)
 *   └─ get  (client)        tracelog.cache.end  memcached get hit
 */
import { createRequire } from 'node:module'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createCacheInstrumentations } from '../../../src/capture/cache/cache-libraries.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { runChild } from '../../support/child.ts'
import { createHopKit } from '../../support/hop-kit.ts'
import { libraryProgram, type LibrarySet } from '../../support/libraries.ts'
import { NODE_VERSIONS } from '../../support/nodes.ts'
import { runCases, type CaseResult } from '../../support/request-cases.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { startMemcached, testWithMemcached, type TestMemcached } from '../../support/servers/memcached.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of testWithMemcached are tests */
const it = testWithMemcached

let server: TestMemcached | undefined
let env: Record<string, string>
beforeAll(async () => {
  server = await startMemcached().catch(() => undefined)
  env = { MEMCACHED_PORT: String(server?.port), DEAD_PORT: String(await freePort()) }
}, 60_000)
afterAll(() => server?.stop())

/** Name, hit and `error.type` of its spans. */
const told = (result: CaseResult | undefined) =>
  result?.calls.map(({ name, attributes }) =>
    [name, attributes['tracelog.cache.hit'], attributes['error.type']].filter((each) => each !== undefined),
  )

/** What each case says in its request's trace, in all versions. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  promise: ['promise read null', 'promise read 9'],
  callback: ['callback called back 9', 'callback timer'],
  bound: ['bound afterwards'],
  writes: ['writes made true,false,false,3,2,true,true,true,false'],
  refusedByIt: ['refusedByIt caught'],
  dead: ['dead called back ECONNREFUSED'],
  deadPromise: ['deadPromise caught ECONNREFUSED'],
  asleep: ['asleep No servers available', 'asleep No servers available'],
  ...Object.fromEntries(
    ['waitsA', 'waitsB', 'waitsC'].map((name) => [name, [`${name} called back`, `${name} called back again`]]),
  ),
}

const waits = [
  ['get', true],
  ['get', false],
]
const CALLS: Readonly<Record<string, readonly unknown[]>> = {
  promise: [['get', false], ['set'], ['get', true]],
  callback: [['get', true]],
  bound: [['set'], ['get', true]],
  writes: ['add', 'add', 'replace', 'increment', 'decrement', 'append', 'touch', 'delete', 'delete'].map((name) => [
    name,
  ]),
  refusedByIt: [['increment', '0x0006']],
  waitsA: waits,
  waitsB: waits,
  waitsC: waits,
}

/** 1.3.0 has let go of the socket, and so of its error's code, before it says that the connection is lost. */
const REFUSED = { newest: 'ECONNREFUSED', oldest: 'Error' }

const ESM = 'caches/memjs.mjs'
const CJS = 'caches/memjs.cjs'
const RUNS = [
  ...NODE_VERSIONS.flatMap((node) => [
    { set: 'newest', program: ESM, node } as const,
    { set: 'oldest', program: CJS, node } as const,
  ]),
  { set: 'oldest', program: ESM, node: process.versions.node },
  { set: 'newest', program: CJS, node: process.versions.node },
] as const

describe.each(RUNS)('$set memjs, $program, Node $node', ({ node, set, program }) => {
  it('each call is a hop of its request, and so is all that follows', { timeout: 60_000 }, async () => {
    const { cases, outside, end } = await runCases({ program, set, node, env })
    expect({ code: end.code, frames: /frames of ours.*/.exec(end.stdout)?.[0] }).toEqual({ code: 0, frames: undefined })
    expect(Object.fromEntries(Object.entries(cases).map(([name, { lines }]) => [name, lines]))).toEqual(LINES)
    for (const [name, calls] of Object.entries(CALLS)) expect([name, told(cases[name])]).toEqual([name, calls])
    expect(told(cases['dead'])).toEqual([['get', REFUSED[set]]])
    expect(told(cases['deadPromise'])).toEqual([['set', REFUSED[set]]])
    expect(told(cases['asleep'])).toEqual([
      ['get', 'Error'],
      ['get', 'Error'],
    ])
    expect(outside).toHaveLength(1)
    expect(cases['promise']?.completion).toMatchObject({
      'tracelog.cache.hit': true,
      'tracelog.cache.reads': 2,
      'tracelog.cache.hits': 1,
      'tracelog.cache.ms': expect.any(Number) as number,
    })
  })
})

it('a look-up has a record, a write has none; a cache that is down is an ERROR', { timeout: 60_000 }, async () => {
  const { cases } = await runCases({ program: CJS, set: 'newest', env })
  expect(cases['promise']?.lookUps.map(({ body, severityNumber, spanId }) => [body, severityNumber, spanId])).toEqual([
    ['memcached get miss', 9, cases['promise']?.calls[0]?.spanId],
    ['memcached get hit', 9, cases['promise']?.calls[2]?.spanId],
  ])
  expect(cases['dead']?.lookUps.map(({ body, severityNumber }) => [body, severityNumber])).toEqual([
    ['memcached get failed', 17],
  ])
  expect(cases['dead']?.calls[0]).toMatchObject({
    statusCode: 2,
    statusMessage: `connect ECONNREFUSED 127.0.0.1:${env['DEAD_PORT']}`,
  })
})

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
      'server.port': server?.port,
      'tracelog.component': 'cache',
      'tracelog.cache.name': 'memcached',
      'tracelog.cache.op': 'get',
      'tracelog.cache.key': 'there:*',
      'tracelog.cache.hit': true,
    },
  })
  const said = Object.values(cases).flatMap(({ calls, lookUps }) =>
    [calls, lookUps].flat().map((each) => each.attributes),
  )
  expect(JSON.stringify(said)).not.toMatch(/there:1|my secret/)
})

it('switched off, nothing is recorded and all runs as it does', { timeout: 60_000 }, async () => {
  const off = { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'memjs' }
  const { cases, outside, end } = await runCases({ program: CJS, set: 'newest', env: off })
  expect([end.code, outside, Object.values(cases).flatMap(({ calls }) => calls)]).toEqual([0, [], []])
})

for (const set of ['oldest', 'newest'] as const satisfies readonly LibrarySet[]) {
  it(`${set}: its objects look as they do without us`, { timeout: 60_000 }, async () => {
    const [bare, heard] = await Promise.all(
      (['none', 'require'] as const).map((preload) =>
        runChild(libraryProgram('caches/memjs-looks.cjs', set), {
          preload,
          env: { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', ...env },
        }),
      ),
    )
    expect(bare?.stdout).toContain('responseCallbacks')
    expect(heard?.stdout).toBe(bare?.stdout)
  })
}

test('disable gives memjs its methods back', () => {
  const kit = createHopKit()
  const instrumentation = createCacheInstrumentations(cacheOptionsOf(kit.options), kit.options.storage).find(
    ({ name }) => name === 'memjs',
  )!
  const load = createRequire(new URL('../../libraries/newest/package.json', import.meta.url))
  const { Client, Server } = load('memjs') as Record<'Client' | 'Server', { readonly prototype: object }>
  const descriptors = () => [Client, Server].map(({ prototype }) => Object.getOwnPropertyDescriptors(prototype))
  const before = descriptors()
  instrumentation.enable()
  expect(instrumentation.status()).toBe('active')
  expect(descriptors()).not.toEqual(before)
  instrumentation.disable()
  expect([instrumentation.status(), descriptors()]).toEqual(['off', before])
})
