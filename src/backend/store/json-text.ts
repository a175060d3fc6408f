/**
 * How attributes without a column, bodies that are not text, events and links are written in the store: JSON that keeps OTLP's types.
 *
 * An int has digits only, a double always has a point or an exponent; what JSON cannot say is an object with one key:
 * `{"$bytes":"<base64>"}`, `{"$double":"NaN"}` (Infinity, -Infinity, -0), and `{"$map":{...}}` around a map whose own first key begins with `$`.
 * Written by json-writer.ts without a JavaScript value in between; this file reads it.
 */

/** A value with its OTLP type. */
export type TypedValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'null' }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'array'; readonly values: readonly TypedValue[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [string, TypedValue])[] }

export type TypedEntries = readonly (readonly [string, TypedValue])[]

/** Reads what json-writer.ts wrote. The text is ours: a fault in it is a bug, and throws SyntaxError. */
export function parseJsonText(text: string): TypedValue {
  return new JsonReader(text).value()
}

/** Reads `rest`: a map that is never marked. */
export function parseJsonEntries(text: string): TypedEntries {
  return new JsonReader(text).entries()
}

/** Number tokens; sticky, so that it reads in place. */
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): TypedValue {
    switch (this.#text[this.#at]) {
      case '"':
        return { type: 'string', value: this.#string() }
      case '{':
        return this.#text.startsWith('{"$', this.#at) ? this.#marked() : { type: 'map', entries: this.entries() }
      case '[':
        return { type: 'array', values: this.#values() }
      case 't':
        return this.#word('true', { type: 'bool', value: true })
      case 'f':
        return this.#word('false', { type: 'bool', value: false })
      case 'n':
        return this.#word('null', { type: 'null' })
      default:
        return this.#number()
    }
  }

  #marked(): TypedValue {
    this.#at++
    const mark = this.#string()
    this.#at++
    const isMap = mark === '$map'
    const text = isMap ? '' : this.#string()
    const value: TypedValue = isMap ? { type: 'map', entries: this.entries() } : unmark(mark, text)
    if (this.#text[this.#at++] !== '}') throw this.#fault()
    return value
  }

  #word(word: string, value: TypedValue): TypedValue {
    if (!this.#text.startsWith(word, this.#at)) throw this.#fault()
    this.#at += word.length
    return value
  }

  #number(): TypedValue {
    NUMBER.lastIndex = this.#at
    const token = NUMBER.exec(this.#text)?.[0]
    if (token === undefined) throw this.#fault()
    this.#at += token.length
    return /[.eE]/.test(token) ? { type: 'double', value: Number(token) } : { type: 'int', value: BigInt(token) }
  }

  #string(): string {
    const from = this.#at
    let at = from + 1
    for (;;) {
      const quote = this.#text.indexOf('"', at)
      if (quote < 0) throw this.#fault()
      let slashes = 0
      while (this.#text[quote - 1 - slashes] === '\\') slashes++
      at = quote + 1
      if (slashes % 2 === 0) break
    }
    this.#at = at
    return JSON.parse(this.#text.slice(from, at)) as string
  }

  entries(): [string, TypedValue][] {
    const entries: [string, TypedValue][] = []
    this.#at++
    while (this.#text[this.#at] !== '}') {
      const name = this.#string()
      if (this.#text[this.#at++] !== ':') throw this.#fault()
      entries.push([name, this.value()])
      if (this.#text[this.#at] === ',') this.#at++
    }
    this.#at++
    return entries
  }

  #values(): TypedValue[] {
    const values: TypedValue[] = []
    this.#at++
    while (this.#text[this.#at] !== ']') {
      values.push(this.value())
      if (this.#text[this.#at] === ',') this.#at++
    }
    this.#at++
    return values
  }

  #fault(): SyntaxError {
    return new SyntaxError(`Stored JSON is wrong at ${this.#at}: ${this.#text.slice(0, 200)}`)
  }
}

function unmark(mark: string, text: string): TypedValue {
  return mark === '$bytes'
    ? { type: 'bytes', value: new Uint8Array(Buffer.from(text, 'base64')) }
    : { type: 'double', value: Number(text) }
}
