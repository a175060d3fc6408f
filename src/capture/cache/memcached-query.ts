/**
 * When and how does a query of memcached end? Told by the query itself, by what memcached reads and assigns of it:
 *
 *   answered   callback, execution =, type (only where the answer ended as those of reads do), callback; and before, multi once per value
 *   failed     callback, callback
 *
 * The last `callback` is read just before it is called. Whose `this` is the query: all its fields are its own again by then, in their order.
 */
import { guarded } from '../../diag/guarded.ts'

export interface MemcachedQuery {
  /** `get`, `set`, `incr`. */
  readonly type: string
  /** As it is sent. */
  readonly command: string
  /** With its namespace; of a getMulti all of them. */
  readonly key?: unknown
  readonly callback?: unknown
  /** Of a getMulti only. */
  readonly multi?: unknown
}

export interface QueryProgress {
  /** False: no answer came, or the query was never sent. */
  isAnswered: boolean
  /** By END, not by STORED, NOT_FOUND or CLIENT_ERROR. */
  endsAsReads: boolean
  values: number
}

export function onQueryEnd(query: MemcachedQuery, listener: (progress: QueryProgress) => void): void {
  const { type, callback, multi } = query
  const isMulti = Object.hasOwn(query, 'multi')
  const progress: QueryProgress = { isAnswered: false, endsAsReads: false, values: 0 }
  let hasLooked = false
  const own = (name: string, value: unknown) =>
    Object.defineProperty(query, name, { value, configurable: true, enumerable: true, writable: true })
  const end = guarded('memcached query', () => {
    own('callback', callback)
    own('type', type)
    if (isMulti) own('multi', multi)
    else Reflect.deleteProperty(query, 'multi')
    if (!progress.isAnswered) Reflect.deleteProperty(query, 'execution')
    listener(progress)
  })
  const fields: Readonly<Record<string, PropertyDescriptor>> = {
    type: {
      enumerable: true,
      get() {
        progress.endsAsReads = progress.isAnswered
        return type
      },
    },
    callback: {
      enumerable: true,
      get() {
        if (progress.isAnswered || hasLooked) end.call(undefined)
        hasLooked = true
        return callback
      },
    },
    multi: {
      enumerable: isMulti,
      get() {
        progress.values++
        return multi
      },
    },
    execution: {
      enumerable: false,
      set(value: unknown) {
        Reflect.deleteProperty(query, 'execution')
        progress.isAnswered = own('execution', value) === query
      },
    },
  }
  for (const [name, descriptor] of Object.entries(fields))
    Object.defineProperty(query, name, { ...descriptor, configurable: true })
}
