import { inspect } from 'node:util'

import { context } from '@opentelemetry/api'
import { beforeEach, expect, test, vi } from 'vitest'

import { createCached } from '../../../src/capture/cache/cached.ts'
import { beginCacheHop } from '../../../src/capture/cache/cache-hop.ts'
import { instrumentCache } from '../../../src/capture/cache/instrument-cache.ts'
import { cacheOptionsOf } from '../../../src/capture/hop-instrumentations.ts'
import { RequestUnit, withUnit } from '../../../src/context/request-unit.ts'
import { SpanIds } from '../../../src/context/span-ids.ts'
import { createHopKit } from '../../support/hop-kit.ts'

const said = vi.hoisted((): string[] => [])
/** Stands still: what is slow here is slow on purpose. */
const now = vi.hoisted(() => ({ millis: 1_000 }))
vi.mock(import('../../../src/diag/clock.ts'), async (original) => ({
  ...(await original()),
  monotonicMillis: () => now.millis,
}))
vi.mock(import('../../../src/diag/events.ts'), async (original) => ({
  ...(await original()),
  sayOnce: (_, text) => said.push(text) > 0,
}))

const kit = createHopKit()
const options = cacheOptionsOf({ ...kit.options, cacheKeys: 'pattern' })

beforeEach(() => {
  kit.spans.length = 0
  kit.records.length = 0
  said.length = 0
})

async function inRequest(run: () => unknown): Promise<RequestUnit['rollUp']> {
  const unit = new RequestUnit({
    ids: SpanIds.of('a'.repeat(32), 'b'.repeat(16)),
    traceFlags: 1,
    method: 'GET',
    path: '/x',
    startedMillis: performance.now(),
    isPeerTrusted: true,
  })
  await context.with(withUnit(context.active(), unit), async () => run())
  return unit.rollUp
}

/** A cache of the application's own, elsewhere. */
class Remote {
  readonly values = new Array<[string, unknown]>()
  #find = (key: string) => this.values.find(([name]) => name === key)?.[1]

  async get(key: string): Promise<unknown> {
    await Promise.resolve()
    return this.#find(key)
  }
  async mget(keys: readonly string[]): Promise<unknown[]> {
    return Promise.all(keys.map((key) => this.get(key)))
  }
  async set(key: string, value: unknown): Promise<this> {
    this.values.push([key, value])
    return this
  }
  async del(key: string): Promise<boolean> {
    return this.#find(key) !== undefined
  }
}

const spansMade = () => kit.spans.map(({ name, attributes }) => [name, attributes['tracelog.cache.hit']])

test('calls of a cache that is elsewhere are hops, and its look-ups count into the request', async () => {
  const remote = new Remote()
  instrumentCache(options, remote, 'users')
  const rollUp = await inRequest(async () => {
    expect(await remote.set('user:1', 'my secret')).toBe(remote)
    expect([await remote.get('user:1'), await remote.get('user:2')]).toEqual(['my secret', undefined])
    expect(await remote.mget(['user:1', 'user:2'])).toEqual(['my secret', undefined])
    expect(await remote.del('user:1')).toBe(true)
  })
  expect(spansMade()).toEqual([
    ['users set', undefined],
    ['users get', true],
    ['users get', false],
    ['users get', true],
    ['users delete', undefined],
  ])
  expect(rollUp).toMatchObject({ cacheReads: 3, cacheHits: 2, lastHit: true })
  expect(kit.records.map(({ body, attributes }) => [body, attributes['tracelog.cache.key']])).toEqual([
    ['users get hit', 'user:*'],
    ['users get miss', 'user:*'],
    ['users get hit', 'user:*'],
  ])
  expect(JSON.stringify(kit.records.map(({ attributes }) => attributes))).not.toContain('secret')
})

test('a cache in the process itself is counted, and told only when it is asked for, slow or failed', async () => {
  const map = new Map([['a', 1]])
  const undo = instrumentCache(options, map, 'map')
  const rollUp = await inRequest(() => [map.get('a'), map.get('b'), map.has('a'), map.set('c', 1)])
  expect([rollUp, spansMade()]).toEqual([expect.objectContaining({ cacheReads: 3, cacheHits: 2, lastHit: true }), []])
  undo()
  instrumentCache({ ...options, spans: 'all' }, map, 'map')
  await inRequest(() => map.get('a'))
  expect(spansMade()).toEqual([['map get', true]])

  const slow = {
    get() {
      now.millis += 10
      return 1
    },
  }
  instrumentCache(options, slow, 'slow')
  await inRequest(() => slow.get())
  expect(spansMade().at(-1)).toEqual(['slow get', true])
  expect(kit.records.at(-1)).toMatchObject({ body: 'slow get hit' })

  const failing = {
    get() {
      throw new TypeError('no such thing')
    },
  }
  instrumentCache(options, failing, 'failing')
  await inRequest(() => expect(() => failing.get()).toThrow('no such thing'))
  expect(kit.records.at(-1)).toMatchObject({ body: 'failing get failed', severityNumber: 17 })
})

test('one look-up counts once: what a cache asks on its own behalf is told below it, and not counted', async () => {
  const below = new Remote()
  const above = { get: (key: string) => below.get(key) }
  instrumentCache(options, below, 'below')
  instrumentCache(options, above, 'above')
  await below.set('a', 1)
  const operation = {
    name: 'redis',
    op: 'get',
    isRead: true,
    spanName: 'redis get',
    keyPattern: undefined,
    attributes: {},
  }
  const cached = createCached(options)
  kit.spans.length = 0
  const rollUp = await inRequest(async () => {
    await above.get('a')
    await cached('sessions', 'get', async () => {
      beginCacheHop(options, operation)?.ended(false)
      return 1
    })
  })
  expect(rollUp).toMatchObject({ cacheReads: 2, cacheHits: 2, lastHit: true })
  const [inner, outer] = kit.spans
  expect([inner?.name, outer?.name, inner?.parentSpanId]).toEqual(['below get', 'above get', outer?.spanId])
  expect(spansMade().slice(2)).toEqual([
    ['redis get', false],
    ['sessions get', true],
  ])
})

test('the same promise to the caller for the same promise, of the class that it has', async () => {
  class Own extends Promise<number> {}
  /** Begins its work when it is awaited. */
  class Lazy {
    hasBegun = false
    // oxlint-disable-next-line unicorn/no-thenable -- queries of database clients are made so
    then(): void {
      this.hasBegun = true
    }
  }
  const [shared, own] = [Promise.resolve(1), Own.resolve(2)]
  const lazy = new Lazy()
  const answers: Record<string, unknown> = { shared, own, lazy }
  const cache = { get: (key: string) => answers[key] }
  instrumentCache(options, cache, 'promises')
  await inRequest(async () => {
    expect(cache.get('shared')).toBe(cache.get('shared'))
    expect(cache.get('own')).toBe(own)
    expect(cache.get('lazy')).toBe(lazy)
    expect([await cache.get('shared'), await cache.get('own')]).toEqual([1, 2])
  })
  expect(lazy.hasBegun).toBe(false)
})

test('a rejection is the caller’s, handled or not', async () => {
  const failure = new Error('down')
  const cache = { get: () => Promise.reject(failure) }
  instrumentCache(options, cache, 'down')
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => void unhandled.push(reason)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', listener)
  try {
    await inRequest(async () => {
      await expect(cache.get()).rejects.toBe(failure)
      expect(unhandled).toEqual([])
      void cache.get()
      await new Promise((resolve) => setImmediate(resolve))
    })
  } finally {
    process.off('unhandledRejection', listener)
    for (const other of others) process.on('unhandledRejection', other)
  }
  expect(unhandled).toEqual([failure])
  expect(kit.records.map(({ severityNumber }) => severityNumber)).toEqual([17, 17])
})

test('an instance looks as before, and is as before when it is undone', () => {
  const instances = [
    new Remote(),
    new Map([[1, 2]]),
    { get: async () => 1, set: () => 2, name: 'x' },
    new (class Named {
      get = (key: string) => key
    })(),
  ]
  for (const instance of instances) {
    const [looks, own] = [inspect(instance, { depth: 4 }), Object.getOwnPropertyDescriptors(instance)]
    const undo = instrumentCache(options, instance, 'looks')
    const again = instrumentCache(options, instance, 'again')
    expect([inspect(instance, { depth: 4 }), Object.keys(instance)]).toEqual([looks, Object.keys(own)])
    again()
    expect(Object.getOwnPropertyDescriptors(instance)).not.toEqual(own)
    undo()
    undo()
    expect(Object.getOwnPropertyDescriptors(instance)).toEqual(own)
  }
})

test('a method that the application has replaced since stays its own', () => {
  const cache = { get: (key: string) => key }
  const undo = instrumentCache(options, cache, 'replaced')
  const later = (key: string) => `${key}!`
  cache.get = later
  undo()
  expect(cache.get).toBe(later)
})

test('what cannot be heard is left alone, and no call of ours throws', async () => {
  const frozen = Object.freeze({ get: (key: string) => key })
  instrumentCache(options, frozen, 'frozen')()
  expect([frozen.get('a'), said.splice(0)]).toEqual([
    'a',
    ['instrumentCache(frozen): it is frozen; it is not captured'],
  ])
  for (const nothing of [undefined, null, 1, 'text', {}, { get: 1 }])
    instrumentCache(options, nothing as unknown as object, 'nothing')()
  expect(said).toEqual(
    Array.from({ length: 6 }, () => 'instrumentCache(nothing): it has no method get; it is not captured'),
  )
  const withCallback = { get: (key: string, done: (error: null, value: string) => void) => done(null, key) }
  instrumentCache(options, withCallback, 'callback')
  const rollUp = await inRequest(() => withCallback.get('a', (_, value) => expect(value).toBe('a')))
  expect([rollUp.cacheReads, spansMade()]).toEqual([0, []])
})

test('wrap of a cache with stores: a look-up that is over when the application is asked, in its own context', async () => {
  const store = new Map<string, unknown>()
  const coalesced = new Map<string, Promise<unknown>>()
  const cache = {
    stores: [{ get: async (key: string) => store.get(key) }],
    get: async (key: string) => cache.stores[0]!.get(key),
    wrap(key: string, load: () => Promise<unknown>) {
      const running = coalesced.get(key)
      if (running !== undefined) return running
      const work = (async () => {
        const known = await cache.stores[0]!.get(key)
        if (known === undefined) store.set(key, await load())
        coalesced.delete(key)
        return store.get(key)
      })()
      coalesced.set(key, work)
      return work
    },
  }
  instrumentCache(options, cache, 'wrapped')
  let spansAtLoad = -1
  const load = async () => {
    spansAtLoad = kit.spans.length
    beginCacheHop(options, {
      name: 'redis',
      op: 'get',
      isRead: true,
      spanName: 'redis get',
      keyPattern: undefined,
      attributes: {},
    })?.ended(true)
    return 'loaded'
  }
  const rollUp = await inRequest(async () => {
    expect(await Promise.all([cache.wrap('a', load), cache.wrap('a', load)])).toEqual(['loaded', 'loaded'])
    expect(await cache.wrap('a', load)).toBe('loaded')
  })
  expect(spansAtLoad).toBe(1)
  // A miss, what its load asked, the one that waited, a hit.
  expect(rollUp).toMatchObject({ cacheReads: 4, cacheHits: 2, lastHit: true })
  await inRequest(() => expect(cache.wrap('b', () => Promise.reject(new Error('no')))).rejects.toThrow('no'))
})

/** As those of clients of HTTP APIs: its own `then` reads the answer, and there is no other of its class. */
class Answer extends Promise<unknown> {
  static override get [Symbol.species](): PromiseConstructor {
    throw new Error('no other')
  }
  reads = 0
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  override then(): never {
    this.reads++
    throw new Error('read twice')
  }
}

test('a promise that does something of its own is handed on unasked', () => {
  const cache = { get: (): unknown => new Answer(() => {}) }
  instrumentCache(options, cache, 'answers')
  expect(cache.get()).toMatchObject({ reads: 0 })
})
