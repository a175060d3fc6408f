/**
 * One JSON object of an untrusted request: fields by name, of the right type or an error that says where.
 */
import { OtlpDecodeError } from './otlp-data.ts'

/** Reads fields by their lowerCamel name; the snake_case spelling is understood too. */
export class JsonFields {
  readonly path: string
  readonly #object: Readonly<Record<string, unknown>>

  /** @throws OtlpDecodeError when `value` is not an object */
  constructor(value: unknown, path: string) {
    this.path = path
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail('', 'an object')
    this.#object = value as Record<string, unknown>
  }

  /** The field as it came; `undefined` when absent or null. */
  raw(name: string): unknown {
    const object = this.#object
    if (Object.hasOwn(object, name)) return object[name] ?? undefined
    const snake = snakeCase(name)
    return Object.hasOwn(object, snake) ? (object[snake] ?? undefined) : undefined
  }

  object(name: string): JsonFields | undefined {
    const value = this.raw(name)
    return value === undefined ? undefined : new JsonFields(value, `${this.path}.${name}`)
  }

  text(name: string): string {
    const value = this.raw(name) ?? ''
    return typeof value === 'string' ? value.toWellFormed() : this.fail(name, 'a string')
  }

  /** A count or flags; also as text. */
  uint32(name: string): number {
    const value = Number(this.raw(name) ?? 0)
    return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff
      ? value
      : this.fail(name, 'a whole number from 0 to 4294967295')
  }

  fail(name: string, rule: string): never {
    const path = name === '' ? this.path : `${this.path}.${name}`
    throw new OtlpDecodeError(`not OTLP JSON: ${path.slice(1) || 'the request'} must be ${rule}`)
  }
}

const snakeNames = new Map<string, string>()

/** Field names come from our code only, so the cache is small. */
function snakeCase(name: string): string {
  let snake = snakeNames.get(name)
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    snakeNames.set(name, snake)
  }
  return snake
}

/** A list of objects; absent counts as empty. */
export function objectsOf(fields: JsonFields, name: string): JsonFields[] {
  const value = fields.raw(name) ?? []
  if (!Array.isArray(value)) return fields.fail(name, 'a list')
  return value.map((item, index) => new JsonFields(item, `${fields.path}.${name}[${index}]`))
}

const MAX_UINT64 = (1n << 64n) - 1n

/** Nanoseconds: text or number; 0 when absent. */
export function uint64Field(fields: JsonFields, name: string): bigint {
  const value = fields.raw(name) ?? 0
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return BigInt(value)
  if (typeof value === 'string' && /^\d{1,20}$/.test(value) && BigInt(value) <= MAX_UINT64) return BigInt(value)
  return fields.fail(name, 'a 64-bit number, as text or number')
}

/** An enum's number, or its name. */
export function enumField(fields: JsonFields, name: string, names: ReadonlyMap<string, number>): number {
  const value = fields.raw(name) ?? 0
  if (typeof value === 'number' && Number.isInteger(value)) return value >= 0 ? value : 0
  const number =
    typeof value === 'string' ? (names.get(value) ?? (/^\d{1,9}$/.test(value) ? Number(value) : undefined)) : undefined
  return number ?? fields.fail(name, 'a number or one of the names of its enum')
}

/** Lowercase hex; `''` for absent, for all zero, and for what is no id of that length. */
export function idField(fields: JsonFields, name: string, digits: number): string {
  const id = fields.text(name).toLowerCase()
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id) ? id : ''
}
