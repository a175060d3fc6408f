/**
 * What can be read of an object without running a line of the application: its own data, copied.
 *
 * No getter, no `toJSON`, `toString` or `inspect.custom`, no Proxy's trap is called.
 */
import { types } from 'node:util'

import { readField } from '../model/js-object.ts'

/** What stands for a value that only a getter could tell, as where console prints it. */
export const GETTER = '[Getter]'

/** Values that are copied at most, over all; a record holds no more than some hundred. */
const MAX_VALUES = 2000

type Copier = (value: object, copy: (value: unknown, depth: number) => unknown, depth: number) => unknown

/** A copy that consists of plain objects, lists, texts and bytes. @param maxDepth  levels of nesting */
export function copyOwnData(value: unknown, maxDepth: number): unknown {
  let left = MAX_VALUES
  const ancestors: object[] = []
  function copy(each: unknown, depth: number): unknown {
    if ((typeof each !== 'object' && typeof each !== 'function') || each === null) return each
    if (types.isProxy(each)) return '[Proxy]'
    if (typeof each === 'function') return nameOfFunction(each)
    if (ancestors.includes(each)) return '[Circular]'
    if (--left < 0 || depth > maxDepth) return Array.isArray(each) ? '[Array]' : '[Object]'
    ancestors.push(each)
    const copied = copierOf(each)(each, copy, depth)
    ancestors.pop()
    return copied
  }
  return copy(value, 1)
}

/** An error's own words, as `record/exception.ts` reads them. */
export function copyError(error: object, maxDepth: number): Record<string, unknown> {
  const copied = emptyMap()
  for (const key of ['name', 'message', 'stack', 'cause', 'errors'] as const) {
    const value = key === 'stack' ? stackOf(error) : dataOf(error, key)
    if (value !== undefined) copied[key] = copyOwnData(value, maxDepth)
  }
  const constructor = Object.defineProperty(() => {}, 'name', { value: classOf(error) })
  Object.defineProperty(copied, 'constructor', { value: constructor })
  return addFields(copied, error, (value) => copyOwnData(value, maxDepth))
}

function copierOf(value: object): Copier {
  return (
    COPIERS.find(([isOne]) => isOne(value))?.[1] ??
    ((object, copy, depth) => addFields(emptyMap(), object, (field) => copy(field, depth + 1)))
  )
}

const COPIERS: readonly (readonly [(value: object) => boolean, Copier])[] = [
  [
    (value) => Array.isArray(value),
    (list, copy, depth) => copyList(list as readonly unknown[], (item) => copy(item, depth + 1)),
  ],
  [types.isNativeError, copyNested],
  [types.isDate, (date) => textOfDate(date as Date)],
  [types.isRegExp, (pattern) => RegExp.prototype.toString.call(pattern)],
  [types.isMap, (map, copy, depth) => copyMap(Map.prototype.entries.call(map), (item) => copy(item, depth + 1))],
  [types.isSet, (set, copy, depth) => Array.from(Set.prototype.values.call(set), (item) => copy(item, depth + 1))],
  [(value) => ArrayBuffer.isView(value), (view) => view],
  [types.isBoxedPrimitive, () => '[Object]'],
]

function copyList(list: readonly unknown[], copy: (value: unknown) => unknown): unknown[] {
  const copied: unknown[] = []
  const length = Math.min(list.length, MAX_VALUES)
  for (let at = 0; at < length; at++) copied.push(copy(Object.getOwnPropertyDescriptor(list, at)?.value))
  return copied
}

function copyMap(entries: Iterable<[unknown, unknown]>, copy: (value: unknown) => unknown): Record<string, unknown> {
  const copied = emptyMap()
  for (const [key, value] of entries) {
    if (typeof key === 'string' || typeof key === 'number') copied[key] = copy(value)
  }
  return copied
}

/** An error within another value: the words of `model/js-object.ts`. */
function copyNested(error: object, copy: (value: unknown, depth: number) => unknown, depth: number): unknown {
  const [message, cause, errors] = ['message', 'cause', 'errors'].map((key) => dataOf(error, key))
  const told = Object.assign(emptyMap(), { type: classOf(error), message, stacktrace: stackOf(error) })
  addFields(told, error, (value) => copy(value, depth + 1))
  if (cause !== undefined) told['cause'] = copy(cause, depth + 1)
  if (errors !== undefined) told['errors'] = copy(errors, depth + 1)
  return told
}

const TOLD = new Set(['message', 'stack', 'cause', 'errors', 'name'])

function addFields(target: Record<string, unknown>, object: object, copy: (value: unknown) => unknown) {
  const isError = types.isNativeError(object)
  for (const key of Object.keys(object)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, key)
    if (descriptor === undefined || (isError && TOLD.has(key))) continue
    target[key] = descriptor.get === undefined ? copy(descriptor.value) : GETTER
  }
  return target
}

function nameOfFunction(value: Function): string {
  const name = dataOf(value, 'name')
  return typeof name === 'string' && name !== '' ? `[Function: ${name}]` : '[Function (anonymous)]'
}

function textOfDate(date: Date): string {
  return Number.isNaN(Date.prototype.getTime.call(date)) ? 'Invalid Date' : Date.prototype.toISOString.call(date)
}

function classOf(error: object): unknown {
  const constructor = dataOf(error, 'constructor')
  return typeof constructor === 'function' ? dataOf(constructor, 'name') : undefined
}

interface Field {
  readonly get?: unknown
  readonly value?: unknown
}

/** V8 keeps the stack behind an accessor of its own. Read after console, it has been made before. */
const V8_STACK: Field | undefined = Object.getOwnPropertyDescriptor(new Error('to look at'), 'stack')

function stackOf(error: object): unknown {
  const field: Field | undefined = Object.getOwnPropertyDescriptor(error, 'stack')
  const isOfV8 = field?.get !== undefined && field.get === V8_STACK?.get
  // Not made yet, it is made of the error's name and message, which may throw.
  return isOfV8 ? readField(error, 'stack') : field?.value
}

/** A field where it is data: the object's own, or that of the first prototype that has it. */
function dataOf(object: object, key: string): unknown {
  for (
    let at: object | null = object;
    at !== null && !types.isProxy(at);
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key)
    if (descriptor !== undefined) return descriptor.value
  }
  return undefined
}

/** Without a prototype: `__proto__` is a key as any other. */
function emptyMap(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}
