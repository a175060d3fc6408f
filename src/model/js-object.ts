/**
 * What kind of object is this? Told apart without trusting it: objects of other realms, Proxies, spoofed tags.
 *
 * Called by js-value.ts, inside its try: anything here may throw what the object throws.
 */

/** How an object that is not a plain map is to be written. */
export type ForeignShape =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'primitive'; readonly value: unknown }
  | ContainerShape

/** How an object that holds others is to be read. */
export type ContainerShape =
  | { readonly kind: 'list'; readonly items: Iterable<unknown> }
  | { readonly kind: 'entries'; readonly entries: Iterable<readonly [unknown, unknown]> }
  /** Its own enumerable fields, or its `toJSON`. */
  | { readonly kind: 'fields' }

const FIELDS: ForeignShape = { kind: 'fields' }

/** An object literal or one without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && typeof value !== 'function'
}

/** @param value  not plain (see `isPlain`) */
export function describeForeign(value: object): ForeignShape {
  if (typeof value === 'function') return { kind: 'text', text: nameOfFunction(value) }
  if (Array.isArray(value)) return { kind: 'list', items: value }
  if (ArrayBuffer.isView(value)) return describeView(value)
  // The internal slot decides, not the tag that anybody can set: each reader throws for an object without it.
  const tag = Object.prototype.toString.call(value)
  try {
    return SHAPE_BY_TAG[tag]?.(value) ?? describeError(value) ?? FIELDS
  } catch {
    return FIELDS
  }
}

const SHAPE_BY_TAG: Readonly<Record<string, ((value: object) => ForeignShape) | undefined>> = {
  // No prototype: a tag is the application's text.
  __proto__: null as never,
  '[object Date]': (value) => {
    const millis = Date.prototype.getTime.call(value)
    return { kind: 'text', text: Number.isNaN(millis) ? 'Invalid Date' : new Date(millis).toISOString() }
  },
  '[object Map]': (value) => ({ kind: 'entries', entries: entriesOf(Map.prototype.entries.call(value)) }),
  '[object Set]': (value) => ({ kind: 'list', items: Set.prototype.values.call(value) }),
  '[object RegExp]': (value) => ({ kind: 'text', text: RegExp.prototype.toString.call(value) }),
  '[object URL]': textOf,
  '[object URLSearchParams]': textOf,
  '[object Headers]': (value) => ({ kind: 'entries', entries: value as Iterable<[string, string]> }),
  '[object ArrayBuffer]': (value) => ({ kind: 'bytes', bytes: new Uint8Array(value as ArrayBuffer) }),
  '[object SharedArrayBuffer]': (value) => ({ kind: 'bytes', bytes: new Uint8Array(value as ArrayBuffer) }),
  '[object String]': (value) => ({ kind: 'primitive', value: String.prototype.valueOf.call(value) }),
  '[object Number]': (value) => ({ kind: 'primitive', value: Number.prototype.valueOf.call(value) }),
  '[object Boolean]': (value) => ({ kind: 'primitive', value: Boolean.prototype.valueOf.call(value) }),
  '[object BigInt]': (value) => ({ kind: 'primitive', value: BigInt.prototype.valueOf.call(value) }),
  '[object Symbol]': (value) => ({ kind: 'primitive', value: Symbol.prototype.valueOf.call(value) }),
}

function entriesOf(entries: Iterable<[unknown, unknown]>): Iterable<readonly [unknown, unknown]> {
  return entries
}

function textOf(value: object): ForeignShape {
  const text: unknown = Reflect.apply((value as { toString: () => unknown }).toString, value, [])
  return typeof text === 'string' ? { kind: 'text', text } : FIELDS
}

/** Buffers are bytes, typed arrays lists of numbers. */
function describeView(view: ArrayBufferView): ForeignShape {
  if (globalThis.Buffer?.isBuffer(view)) return { kind: 'bytes', bytes: view }
  if (view instanceof DataView) {
    return { kind: 'bytes', bytes: new Uint8Array(view.buffer, view.byteOffset, view.byteLength) }
  }
  return { kind: 'list', items: view as unknown as Iterable<unknown> }
}

/** An Error inside of a value: what its fields do not show comes first. The record's own error is record/'s affair. */
function describeError(value: object): ForeignShape | undefined {
  if (!(value instanceof Error) && Object.prototype.toString.call(value) !== '[object Error]') return undefined
  const error = value as Error & { readonly errors?: unknown }
  const entries: [unknown, unknown][] = [
    ['type', error.constructor?.name || error.name],
    ['message', error.message],
    ['stacktrace', error.stack],
  ]
  for (const key of Object.keys(error)) {
    if (key !== 'message' && key !== 'stack' && key !== 'cause') {
      entries.push([key, Reflect.get(error, key)])
    }
  }
  if (error.cause !== undefined) entries.push(['cause', error.cause])
  if (error.errors !== undefined && !Object.keys(error).includes('errors')) entries.push(['errors', error.errors])
  return { kind: 'entries', entries }
}

function nameOfFunction(value: Function): string {
  const name: unknown = value.name
  return typeof name === 'string' && name !== '' ? `[Function: ${name}]` : '[Function (anonymous)]'
}

/** `[Throws: message]`, whatever was thrown, even if reading its message throws. */
export function safeMessage(thrown: unknown): string {
  try {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    return `[Throws: ${typeof message === 'string' ? message : typeof message}]`
  } catch {
    return '[Throws: something without a message]'
  }
}

/** A field of whatever it is; `undefined` where it cannot be read. */
export function readField(value: unknown, key: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    return (value as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

/** Its items if it is an array; none where they cannot be read. */
export function readItems(value: unknown): readonly unknown[] {
  try {
    return Array.isArray(value) ? [...(value as unknown[])] : []
  } catch {
    return []
  }
}
