/**
 * What is done to a cache, and what is said of it each time: the same object for the same operation, so that what is made of it once is
 * found again.
 */
import type { AnyValue } from '../../model/any-value.ts'
import { ATTR_CACHE_KEY, ATTR_CACHE_NAME, ATTR_CACHE_OP, ATTR_COMPONENT } from '../../model/semconv.ts'

export interface CacheOperation {
  /** `redis`, or what the application calls it. */
  readonly name: string
  /** `get`, `set`, `delete`, ... */
  readonly op: string
  /** A read can hit or miss, and has a completion record. */
  readonly isRead: boolean
  /** What the span is called. */
  readonly spanName: string
  /** `user:*`; never a key. */
  readonly keyPattern: string | undefined
  /** Beside ours: `db.*`, `server.*`. */
  readonly attributes: Readonly<Record<string, AnyValue>>
}

/** Operations come from programs, and their key patterns from few kinds of keys; a bound all the same. */
const MAX_REMEMBERED = 1_000

/** Operations by a text that says all that is in them. */
export class CacheOperations {
  readonly #known = new Map<string, CacheOperation>()

  of(key: string, make: () => CacheOperation): CacheOperation {
    let operation = this.#known.get(key)
    if (operation === undefined) {
      operation = make()
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear()
      this.#known.set(key, operation)
    }
    return operation
  }
}

/** What span and completion record say alike. */
export function commonAttributes(
  { name, op, keyPattern, attributes }: CacheOperation,
  keys: 'off' | 'pattern' = 'off',
): Record<string, AnyValue> {
  const common: Record<string, AnyValue> = { ...attributes }
  common[ATTR_COMPONENT] = 'cache'
  common[ATTR_CACHE_NAME] = name
  common[ATTR_CACHE_OP] = op
  if (keys === 'pattern' && keyPattern !== undefined) common[ATTR_CACHE_KEY] = keyPattern
  return common
}

/** `redis get hit`. */
export function bodyOf({ name, op }: CacheOperation, result: string): string {
  return `${name} ${op} ${result}`.trimEnd()
}
