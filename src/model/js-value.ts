/**
 * What becomes of any JavaScript value that someone logs? An AnyValue, by rule 4 of the bridges' specification.
 *
 * Never throws, whatever getters, Proxies and toJSON methods do; never changes what it is given; time and memory are
 * bounded by the limits and not by the value. One floor is V8's: it lists all keys of an object before it gives the
 * first one, which takes 200 ms for an object of 1,000,000 keys (`Object.keys` on Node 24 the same).
 */
import { type AnyValue, type Attributes, setField } from './any-value.ts'
import { type ContainerShape, type ForeignShape, describeForeign, isPlain, safeMessage } from './js-object.ts'
import { CUT_MARGIN, MAX_ATTRIBUTES, MAX_DEPTH, MAX_RECORD_BYTES, NODE_BYTES } from './log-record.ts'
import { ATTR_TRUNCATED } from './semconv.ts'

/** How much of a value is kept. */
export interface ValueLimits {
  /** Levels of nesting; a container below becomes `"[Object]"` or `"[Array]"`. Default 6. */
  readonly maxDepth?: number
  /** Attributes of one record; the first are kept. Default 128. */
  readonly maxAttributes?: number
  /** About the bytes of one value; what is longer is cut. Default 32,768. */
  readonly maxValueBytes?: number
  /** Characters kept behind the cut of a text: who redacts finds secrets in them and cuts for good. Default 4,096. */
  readonly marginLength?: number
  /** Top-level fields that are no attributes. Default none. */
  readonly isSkipped?: (key: string) => boolean
}

/** Attributes, and what was done to them. */
export interface ConvertedAttributes {
  readonly attributes: Attributes
  /** Attributes beyond the first 128. */
  readonly droppedAttributesCount: number
  /** Something was cut; `attributes` says so too (`tracelog.truncated`). */
  readonly truncated: boolean
}

/** Values visited in one record before containers are cut short: about 2 ms of work (test/bench/codec.bench.ts). */
const MAX_NODES = 12_000
/** What a container may still hold when the record's share is used up. */
const SPARE_NODES = 64
/** A key is a name; what is longer is somebody's data in the wrong place. Characters. */
const MAX_KEY_LENGTH = 1024

/** The state of one conversion. */
interface Walk {
  readonly maxDepth: number
  readonly ancestors: object[]
  readonly maxValueBytes: number
  readonly marginLength: number
  /** Left for the value under conversion. */
  bytes: number
  /** Left for the whole record. */
  nodes: number
  truncated: boolean
}

/**
 * Turns one value into an AnyValue.
 *
 * @returns `undefined` only for `undefined`
 */
export function toAnyValue(value: unknown, limits: ValueLimits = {}): AnyValue | undefined {
  return convertValue(value, limits).value
}

/** Like `toAnyValue`, and says whether something was cut. */
export function convertValue(
  value: unknown,
  limits: ValueLimits = {},
): { readonly value: AnyValue | undefined; readonly truncated: boolean } {
  const walk = startWalk(limits)
  return { value: convertTop(value, walk), truncated: walk.truncated }
}

/** Like `convertAttributes`, for callers who need the attributes alone. */
export function toAttributes(object: object, limits: ValueLimits = {}): Attributes {
  return convertAttributes(object, limits).attributes
}

/**
 * Turns the own enumerable fields of an object into attributes: the first 128, each value by `toAnyValue`, `undefined`
 * ones omitted, keys without an ASCII letter or digit as `key_` + themselves. If anything was cut, `tracelog.truncated`
 * is added.
 */
export function convertAttributes(object: object, limits: ValueLimits = {}): ConvertedAttributes {
  const { maxAttributes = MAX_ATTRIBUTES, isSkipped } = limits
  const walk = startWalk(limits)
  const attributes: Record<string, AnyValue> = {}
  let kept = 0
  let dropped = 0
  try {
    walk.ancestors.push(object)
    for (const key in object) {
      if (!Object.hasOwn(object, key) || isSkipped?.(key) === true) continue
      if (kept >= maxAttributes) {
        dropped++
        continue
      }
      const value = convertTop(readField(object, key), walk)
      if (value === undefined) continue
      setField(attributes, freeName(attributes, attributeName(key, walk)), value)
      kept++
    }
  } catch (error) {
    // A Proxy that does not even list its keys.
    setField(attributes, 'value', safeMessage(error))
  }
  const truncated = walk.truncated || dropped > 0
  if (truncated) attributes[ATTR_TRUNCATED] = true
  return { attributes, droppedAttributesCount: dropped, truncated }
}

function startWalk(limits: ValueLimits): Walk {
  const { maxDepth = MAX_DEPTH, maxValueBytes = MAX_RECORD_BYTES, marginLength = CUT_MARGIN } = limits
  return {
    maxDepth,
    ancestors: [],
    maxValueBytes,
    marginLength,
    bytes: maxValueBytes,
    nodes: MAX_NODES,
    truncated: false,
  }
}

function convertTop(value: unknown, walk: Walk): AnyValue | undefined {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return value
    case 'undefined':
      return undefined
    default:
      walk.bytes = walk.maxValueBytes + NODE_BYTES
      if (walk.nodes < SPARE_NODES) walk.nodes = SPARE_NODES
      return convert(value, walk, 1, true)
  }
}

/** @param mayCallToJson  false for what a `toJSON` has returned, as in JSON.stringify */
function convert(value: unknown, walk: Walk, depth: number, mayCallToJson: boolean): AnyValue | undefined {
  walk.nodes--
  walk.bytes -= NODE_BYTES
  switch (typeof value) {
    case 'string':
      return keepText(value, walk)
    case 'number':
    case 'boolean':
      return value
    case 'undefined':
      return undefined
    case 'bigint':
      return keepText(textOfBigInt(value, walk), walk)
    case 'symbol':
      return keepText(String(value), walk)
    default:
      return value === null ? null : convertObject(value as object, walk, depth, mayCallToJson)
  }
}

function convertObject(value: object, walk: Walk, depth: number, mayCallToJson: boolean): AnyValue | undefined {
  try {
    if (walk.ancestors.includes(value)) return '[Circular]'
    const shape = isPlain(value) ? PLAIN : describeForeign(value)
    switch (shape.kind) {
      case 'text':
        return keepText(shape.text, walk)
      case 'bytes':
        return keepBytes(shape.bytes, walk)
      case 'primitive':
        return convert(shape.value, walk, depth, true)
      case 'fields': {
        const toJson: unknown = mayCallToJson ? (value as { toJSON?: unknown }).toJSON : undefined
        if (typeof toJson === 'function') return convertToJson(value, toJson, walk, depth)
        return convertContainer(value, shape, walk, depth)
      }
      default:
        return convertContainer(value, shape, walk, depth)
    }
  } catch (error) {
    return keepText(safeMessage(error), walk)
  }
}

const PLAIN: ForeignShape = { kind: 'fields' }

function convertContainer(value: object, shape: ContainerShape, walk: Walk, depth: number): AnyValue {
  if (depth > walk.maxDepth) {
    walk.truncated = true
    return shape.kind === 'list' ? '[Array]' : '[Object]'
  }
  walk.ancestors.push(value)
  try {
    if (shape.kind === 'list') return convertList(shape.items, walk, depth)
    if (shape.kind === 'entries') return convertEntries(shape.entries, walk, depth)
    return convertFields(value, walk, depth)
  } finally {
    walk.ancestors.pop()
  }
}

function convertToJson(value: object, toJson: Function, walk: Walk, depth: number): AnyValue | undefined {
  const result: unknown = Reflect.apply(toJson, value, [''])
  if (typeof result !== 'object' || result === value) return convert(result, walk, depth, false)
  walk.ancestors.push(value)
  try {
    return convert(result, walk, depth, false)
  } finally {
    walk.ancestors.pop()
  }
}

function convertFields(value: object, walk: Walk, depth: number): AnyValue {
  const map: Record<string, AnyValue> = {}
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue
    if (isUsedUp(walk)) break
    addField(map, key, convert(readField(value, key), walk, depth + 1, true), walk)
  }
  return map
}

function convertEntries(entries: Iterable<readonly [unknown, unknown]>, walk: Walk, depth: number): AnyValue {
  const map: Record<string, AnyValue> = {}
  for (const [key, item] of entries) {
    if (isUsedUp(walk)) break
    addField(map, nameOfMapKey(key, walk), convert(item, walk, depth + 1, true), walk)
  }
  return map
}

function convertList(items: Iterable<unknown>, walk: Walk, depth: number): AnyValue {
  const list: AnyValue[] = []
  for (const item of items) {
    if (isUsedUp(walk)) break
    // An array's holes and `undefined` keep their place, as in JSON.
    list.push(convert(item, walk, depth + 1, true) ?? null)
  }
  return list
}

function addField(map: Record<string, AnyValue>, key: string, value: AnyValue | undefined, walk: Walk): void {
  if (value === undefined) {
    // Nothing is written: who redacts counts the same.
    walk.bytes += NODE_BYTES
    return
  }
  walk.bytes -= key.length + NODE_BYTES
  setField(map, keepKey(key, walk), value)
}

function nameOfMapKey(key: unknown, walk: Walk): string {
  if (typeof key === 'string') return key
  if (typeof key === 'bigint') return textOfBigInt(key, walk)
  const converted = convert(key, walk, walk.maxDepth, true)
  return typeof converted === 'string' ? converted : (JSON.stringify(converted) ?? 'undefined')
}

function isUsedUp(walk: Walk): boolean {
  if (walk.bytes > 0 && walk.nodes > 0) return false
  walk.truncated = true
  return true
}

function keepText(text: string, walk: Walk): string {
  const whole = text.length <= walk.bytes ? text : cutText(text, walk)
  walk.bytes -= whole.length
  return whole.isWellFormed() ? whole : whole.toWellFormed()
}

function cutText(text: string, walk: Walk): string {
  walk.truncated = true
  const end = Math.max(walk.bytes, 0) + walk.marginLength
  const last = end === 0 ? 0 : text.charCodeAt(end - 1)
  // Half of a surrogate pair is no character.
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)
}

function keepBytes(bytes: Uint8Array, walk: Walk): Uint8Array {
  const length = Math.max(Math.min(bytes.length, walk.bytes), 0)
  if (length < bytes.length) walk.truncated = true
  walk.bytes -= length
  // A copy: the application may go on writing into its buffer.
  return new Uint8Array(bytes.subarray(0, length))
}

/** Digits of a larger number take seconds to compute. */
const MAX_BIGINT_BITS = 4096n

function textOfBigInt(value: bigint, walk: Walk): string {
  const high = value >> MAX_BIGINT_BITS
  if (high === 0n || high === -1n) return String(value)
  walk.truncated = true
  return '[BigInt]'
}

function readField(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key]
  } catch (error) {
    return safeMessage(error)
  }
}

/** Names already found good: applications use few, and look-up is cheaper than the check. */
const goodNames = new Set<string>()
const MAX_GOOD_NAMES = 4096

function attributeName(key: string, walk: Walk): string {
  if (goodNames.has(key)) return key
  const kept = keepKey(key, walk)
  // Loki refuses a whole request for one key without an ASCII letter or digit.
  if (!/[A-Za-z0-9]/.test(kept)) return `key_${kept}`
  if (kept === key && key !== '__proto__' && goodNames.size < MAX_GOOD_NAMES) goodNames.add(key)
  return kept
}

/** A renamed key must not push out another one. */
function freeName(attributes: Attributes, name: string): string {
  let free = name
  while (Object.hasOwn(attributes, free)) free = `key_${free}`
  return free
}

function keepKey(key: string, walk: Walk): string {
  if (key.length <= MAX_KEY_LENGTH) return key.isWellFormed() ? key : key.toWellFormed()
  walk.truncated = true
  return key.slice(0, MAX_KEY_LENGTH).toWellFormed()
}
