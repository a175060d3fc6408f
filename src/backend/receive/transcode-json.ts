/**
 * OTLP/JSON to OTLP/protobuf, so that the journal holds one format. Nothing is lost, nothing is judged but the types.
 *
 * Not model/otlp-json-decode.ts, which makes records by JSON.parse: of a hostile 64 MiB body that would be gigabytes, and fields that
 * records of ours do not have would be lost.
 *
 * Rules of OTLP/JSON: ids are hex of any case, other bytes base64, 64-bit integers are strings or numbers, enums are
 * numbers, names are lowerCamelCase, unknown fields are passed over, null means absent.
 */
import { ByteWriter } from './byte-writer.ts'
import { JsonCursor, type JsonText } from './json-cursor.ts'
import { type Field, type Message, type NamedField, REQUESTS, type ScalarType } from './otlp-messages.ts'
import type { Signal } from '../../model/signal.ts'
import { Refusal } from './receive-sink.ts'

/** Messages inside each other: 32 values deep (each takes two or three), and the request around them. */
const MAX_MESSAGES = 110

const NAMED_DOUBLES: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity }
const HEX = /^(?:[0-9a-fA-F]{2})*$/
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const INTEGER = /^-?\d{1,20}$/

/** @throws Refusal `malformed` naming the byte or the field */
export function transcodeJson(signal: Signal, text: Uint8Array): Uint8Array {
  const cursor = new JsonCursor(text)
  const writer = new ByteWriter(Math.ceil(text.length / 2))
  new Transcoder(cursor, writer).message(REQUESTS[signal], 0)
  cursor.finish()
  return writer.take()
}

class Transcoder {
  readonly #cursor: JsonCursor
  readonly #writer: ByteWriter

  constructor(cursor: JsonCursor, writer: ByteWriter) {
    this.#cursor = cursor
    this.#writer = writer
  }

  message(message: Message, depth: number): void {
    if (depth > MAX_MESSAGES) throw new Refusal('malformed', 'a value is nested more than 32 levels deep')
    this.#cursor.object((key) => {
      const named = this.#named(message, key)
      if (named === undefined) this.#cursor.skip()
      else this.#field(named.name, named.field, depth)
    })
  }

  #named({ named }: Message, key: JsonText): NamedField | undefined {
    if (!key.isEscaped) return named.find((candidate) => this.#cursor.isText(key, candidate.bytes))
    const name = this.#cursor.valueOf(key)
    return named.find((candidate) => candidate.name === name)
  }

  #field(name: string, field: Field, depth: number): void {
    const kind = this.#cursor.peek()
    if (kind === 'null') this.#cursor.literal('null')
    else if (!field.isRepeated) this.#value(name, field, depth)
    else if (kind === 'array') this.#cursor.array(() => this.#value(name, field, depth))
    else throw this.#cursor.wrong(`an array for ${name}`)
  }

  #value(name: string, field: Field, depth: number): void {
    const { type, tag } = field
    this.#writer.varint(tag)
    if (typeof type === 'function') {
      // An empty AnyValue in an array may be written as null.
      if (this.#cursor.peek() === 'null') {
        this.#cursor.literal('null')
        this.#writer.varint(0)
      } else this.#writer.delimited(() => this.message(type(), depth + 1))
      return
    }
    this.#scalar(name, type)
  }

  #scalar(name: string, type: ScalarType): void {
    const writer = this.#writer
    switch (type) {
      case 'string':
        return this.#string()
      case 'hex':
        return this.#bytes(name, HEX, 'hex')
      case 'base64':
        return this.#bytes(name, BASE64, 'base64')
      case 'bool':
        return writer.varint(this.#bool(name) ? 1 : 0)
      case 'double':
        return writer.double(this.#double(name))
      case 'fixed64':
        return writer.fixed64(this.#integer(name))
      case 'fixed32':
        return writer.fixed32(Number(BigInt.asUintN(32, this.#integer(name))))
      default:
        return writer.varint(this.#integer(name))
    }
  }

  #string(): void {
    const text = this.#cursor.text()
    const bytes = text.isEscaped
      ? Buffer.from(this.#cursor.valueOf(text))
      : this.#cursor.bytes.subarray(text.start, text.end)
    this.#writer.varint(bytes.length)
    this.#writer.raw(bytes)
  }

  #bytes(name: string, rule: RegExp, encoding: 'hex' | 'base64'): void {
    const text = this.#cursor.valueOf(this.#cursor.text())
    if (!rule.test(text)) throw this.#wrongValue(name, text, encoding === 'hex' ? 'hex digits' : 'base64')
    const bytes = Buffer.from(text, encoding)
    this.#writer.varint(bytes.length)
    this.#writer.raw(bytes)
  }

  #bool(name: string): boolean {
    const kind = this.#cursor.peek()
    if (kind !== 'true' && kind !== 'false') throw this.#cursor.wrong(`true or false for ${name}`)
    this.#cursor.literal(kind)
    return kind === 'true'
  }

  #double(name: string): number {
    if (this.#cursor.peek() === 'number') return Number(this.#cursor.number())
    const text = this.#text()
    const value = NAMED_DOUBLES[text] ?? (text.trim() === '' ? Number.NaN : Number(text))
    if (Number.isNaN(value) && text !== 'NaN') throw this.#wrongValue(name, text, 'a number')
    return value
  }

  #integer(name: string): bigint {
    const text = this.#cursor.peek() === 'number' ? this.#cursor.number() : this.#text()
    if (INTEGER.test(text)) return BigInt(text)
    // 1e3 and 5.0 are integers in JSON too.
    const value = Number(text)
    if (text !== '' && Number.isSafeInteger(value)) return BigInt(value)
    throw this.#wrongValue(name, text, 'a 64-bit integer')
  }

  #text(): string {
    const text: JsonText = this.#cursor.text()
    return this.#cursor.valueOf(text)
  }

  #wrongValue(name: string, value: string, rule: string): Refusal {
    return new Refusal('malformed', `${name} is ${JSON.stringify(value.slice(0, 40))}, but must be ${rule}`)
  }
}
