/**
 * Hearing what a library does with its own objects, without a function of ours between its calls.
 *
 * `onRead`: a method that the library reads from a prototype each time it calls it; the accessor has returned, with the original, before
 * the method runs. `onFirstWrite`: a field that the library assigns to an instance; from then on it is an ordinary property.
 * Objects look as they would without us: what stands for a property has its enumerability, and instances have their own keys.
 */
import { guarded } from '../../diag/guarded.ts'

/** @returns gives the prototype its method back; `undefined` where it has no such method */
export function onRead(prototype: object, name: string, listener: (this: never) => void): (() => void) | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  if (descriptor === undefined || typeof descriptor.value !== 'function') return undefined
  let original: unknown = descriptor.value
  const hear = guarded(name, listener)
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: descriptor.enumerable === true,
    get(this: object) {
      hear.call(this)
      return original
    },
    set(this: object, value: unknown) {
      if (this === prototype) original = value
      else Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true })
    },
  })
  return () => Object.defineProperty(prototype, name, { ...descriptor, value: original })
}

/** @param listener  called when the property is there */
export function onFirstWrite(prototype: object, name: string, listener: (this: never) => void): () => void {
  const hear = guarded(name, listener)
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: false,
    get: () => undefined,
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true })
      hear.call(this)
    },
  })
  return () => Reflect.deleteProperty(prototype, name)
}

/** A constructor that returns its argument: a private field of a subclass is put onto that, which nobody else sees. A WeakMap cost 1 us. */
// oxlint-disable-next-line typescript/no-extraneous-class -- only a class can be extended
export class Itself {
  constructor(subject: object) {
    // oxlint-disable-next-line no-constructor-return -- this is what it is for
    return subject
  }
}
