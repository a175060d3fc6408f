/**
 * When is a method of a library about to be called? An accessor stands for it on its prototype: reading it tells, and hands back the
 * original, so that nothing of ours is on the stack when it runs.
 */
import { guarded } from '../../diag/guarded.ts'

/**
 * @param note  called with the object whose method is read, before it is called
 * @returns gives the prototype its method back
 * @throws when there is no such method
 */
export function watchReads(prototype: object | undefined, name: string, note: (subject: never) => void): () => void {
  const own = prototype === undefined ? undefined : Object.getOwnPropertyDescriptor(prototype, name)
  if (prototype === undefined || typeof own?.value !== 'function') throw new Error(`there is no method ${name}`)
  let original: unknown = own.value
  const { enumerable = false } = own
  const tell = guarded(name, function (this: never) {
    note(this)
  })
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable,
    get(this: object) {
      if (this !== prototype) tell.call(this)
      return original
    },
    set(this: object, value: unknown) {
      if (this === prototype) original = value
      else Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true })
    },
  })
  return () => {
    Object.defineProperty(prototype, name, { value: original, configurable: true, enumerable, writable: true })
  }
}
