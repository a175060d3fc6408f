/**
 * A note of ours on an object of the application: found by us, in nothing that the application prints, copies or compares.
 *
 * `util.inspect`, `{ ...object }`, `toEqual` and `JSON.stringify` see what is enumerable.
 */

/** Sets `object[key]`. On an object that takes no fields (frozen, say) nothing happens. */
export function setHidden<T extends object, K extends keyof T>(object: T, key: K, value: T[K]): void {
  Reflect.defineProperty(object, key, { value, writable: true, configurable: true, enumerable: false })
}
