/**
 * A method of a prototype as an accessor: who reads it to call it is seen, and gets the method itself.
 *
 * What runs then has no frame of ours above it. The property looks and assigns as before.
 */

import { guarded } from '../../diag/guarded.ts'

/** Is given the object that is read. */
type OnRead = (subject: never) => void

/**
 * @param given  what is handed out; default: the method itself. Only for methods below which no code of the application runs
 * @returns gives the prototype its method back
 */
export function accessMethod(
  prototype: Record<string, unknown>,
  name: string,
  onRead: OnRead,
  given: unknown = prototype[name],
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  if (descriptor === undefined || typeof descriptor.value !== 'function') return () => {}
  let value: unknown = given
  const noted = guarded(`the method ${name}`, onRead)
  const get = function (this: object): unknown {
    noted(this)
    return value
  }
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: descriptor.enumerable === true,
    get,
    set(this: object, assigned: unknown) {
      if (this === prototype) value = assigned
      else Object.defineProperty(this, name, { value: assigned, configurable: true, enumerable: true, writable: true })
    },
  })
  return () => {
    if (Object.getOwnPropertyDescriptor(prototype, name)?.get !== get) return
    Object.defineProperty(prototype, name, { ...descriptor, value: value === given ? descriptor.value : value })
  }
}
