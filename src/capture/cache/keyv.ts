/**
 * keyv 5.6 and 6, by what they tell their own listeners: look-ups in a store in the process's own memory count into the request's roll-up,
 * and leave no record; `getMany` counts once per key. Of other stores the store's own calls are the hops. cacheable and cache-manager
 * keep their values in copies of keyv and are heard by them, each of their layers by itself.
 *
 *   keyv 5   `hooks.trigger('postGet', ...)`, on an object of its own: whose it is tells the prefix of the key, asked for just before
 *   keyv 6   `emitTelemetry('stat:hit' | 'stat:miss', key)`
 *
 * keyv 5 before 5.5.5 tells of no miss, and is left alone.
 */
import type { LibraryHook } from '../library-instrumentation.ts'
import { overhear } from '../hop/overheard-emits.ts'
import { Itself, onRead } from '../hop/prototype-seams.ts'
import { countingUnit, isInstrumented } from './look-up-context.ts'
import { isInMemory } from './memory-caches.ts'

interface Keyv {
  readonly store: unknown
  readonly hooks: object
}
type KeyvClass = new () => Keyv

export function createKeyvHook(): LibraryHook {
  return { onFile: ({ exports, version }) => hearKeyv((exports as { Keyv?: unknown }).Keyv, version) }
}

function hearKeyv(Keyv: unknown, version: string): (() => void) | undefined {
  if (typeof Keyv !== 'function') throw new Error('it is no class')
  const prototype = Keyv.prototype as object
  if (Object.hasOwn(prototype, 'emitTelemetry')) return hearTelemetry(prototype)
  return isBefore(version, [5, 5, 5]) ? undefined : hearHooks(Keyv as KeyvClass)
}

function isBefore(version: string, limit: readonly number[]): boolean {
  const parts = version.split('.', 3).map(Number.parseFloat)
  const at = limit.findIndex((part, index) => parts[index] !== part)
  return at >= 0 && (parts[at] ?? 0) < limit[at]!
}

interface Keyv6 extends Keyv {
  readonly _eventListeners: ReadonlyMap<unknown, unknown>
  readonly _eventLogger?: unknown
}

const TELEMETRY = ['hit', 'miss', 'set', 'delete', 'error'].map((what) => `stat:${what}`)

function hearTelemetry(prototype: object): () => void {
  return overhear<Keyv6>(prototype, {
    method: 'emitTelemetry',
    listeners: '_eventListeners',
    isSilent: (keyv) => keyv._eventLogger === undefined && !TELEMETRY.some((event) => keyv._eventListeners.has(event)),
    onTold(keyv, event) {
      if (event === 'stat:hit' || event === 'stat:miss') count(keyv, event === 'stat:hit')
    },
  })
}

interface KeyvHooks {
  readonly _hookHandlers: ReadonlyMap<unknown, unknown>
}

/** On the hooks of a keyv, whose they are; nobody else sees it. */
class HooksStamp extends Itself {
  readonly #keyv: Keyv

  constructor(hooks: object, keyv: Keyv) {
    super(hooks)
    this.#keyv = keyv
  }

  static put(keyv: Keyv): HooksStamp {
    return #keyv in keyv.hooks ? keyv.hooks : new HooksStamp(keyv.hooks, keyv)
  }

  static keyvOf(hooks: object): Keyv | undefined {
    return #keyv in hooks ? hooks.#keyv : undefined
  }
}

function hearHooks(Keyv: KeyvClass): () => void {
  const undo = ['_getKeyPrefix', '_getKeyPrefixArray'].map((name) =>
    onRead(Keyv.prototype as object, name, function (this: Keyv) {
      HooksStamp.put(this)
    }),
  )
  const hooks = Object.getPrototypeOf(new Keyv().hooks) as object
  const unhear = overhear<KeyvHooks>(hooks, {
    method: 'trigger',
    listeners: '_hookHandlers',
    isSilent: ({ _hookHandlers: handlers }) => handlers.size === 0,
    onTold: (teller, event, subject) => told(HooksStamp.keyvOf(teller), event, subject),
  })
  return () => {
    unhear()
    undo.forEach((step) => step?.())
  }
}

function told(keyv: Keyv | undefined, event: unknown, subject: unknown): void {
  if (keyv === undefined) return
  const { value, values } = (subject ?? {}) as { value?: unknown; values?: unknown }
  if (event === 'postGet' || event === 'postGetRaw') count(keyv, value !== undefined)
  if (event === 'postGetMany') countEach(keyv, subject)
  if (event === 'postGetManyRaw') countEach(keyv, values)
}

function countEach(keyv: Keyv, values: unknown): void {
  if (Array.isArray(values)) for (const value of values as unknown[]) count(keyv, value !== undefined)
}

function count(keyv: Keyv, isHit: boolean): void {
  const unit = countingUnit()
  if (unit === undefined || isInstrumented(keyv) || !isInMemory(keyv.store)) return
  unit.rollUp.addCacheRead(isHit, 0)
}
