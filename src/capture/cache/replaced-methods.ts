/**
 * A method of one object, with something done around each of its calls, so that the object looks as before: a Proxy is shown as the
 * function it stands for, and what was no own property is not shown.
 */
type Around = (original: Method, self: unknown, args: readonly unknown[]) => unknown
type Method = (...args: never[]) => unknown

/** @returns undoes it; `undefined`: there is no such method, or it cannot be replaced */
export function replaceMethod(instance: object, name: string, around: Around): (() => void) | undefined {
  const own = Object.getOwnPropertyDescriptor(instance, name)
  const original: unknown = (instance as Record<string, unknown>)[name]
  if (typeof original !== 'function' || (own !== undefined && !('value' in own))) return undefined
  const value = new Proxy(original as Method, { apply: around })
  const shown = own ?? { enumerable: false, writable: true }
  if (!Reflect.defineProperty(instance, name, { ...shown, configurable: true, value })) return undefined
  return () => {
    // The application has put another one there since.
    if ((instance as Record<string, unknown>)[name] !== value) return
    if (own === undefined) Reflect.deleteProperty(instance, name)
    else Object.defineProperty(instance, name, own)
  }
}
