import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { convertAttributes, convertValue, toAnyValue, toAttributes } from '../../src/model/js-value.ts'
import { cpuMillis } from '../support/machine.ts'

const holes: unknown[] = [1, undefined]
holes[3] = null

function named(): void {}

class Point {
  readonly x = 1
  readonly #hidden = 2
  get y(): number {
    return this.#hidden
  }
}

class Money {
  toJSON(): unknown {
    return { amount: 5, currency: 'EUR' }
  }
}

describe('every kind of value arrives', () => {
  test.each([
    ['text', 'a', 'a'],
    ['an empty text', '', ''],
    ['a number', 1.5, 1.5],
    ['NaN', Number.NaN, Number.NaN],
    ['Infinity', -Infinity, -Infinity],
    ['minus zero', -0, -0],
    ['null', null, null],
    ['undefined', undefined, undefined],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), 'Invalid Date'],
    ['a BigInt', 1n, '1'],
    ['a large BigInt', 1n << 70n, '1180591620717411303424'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['k', 1],
        [2, new Date(0)],
      ]),
      { k: 1, 2: '1970-01-01T00:00:00.000Z' },
    ],
    ['a Map with object keys', new Map([[{ a: 1 }, 1]]), { '{"a":1}': 1 }],
    ['a Set', new Set([1, 'b']), [1, 'b']],
    ['a typed array', new Float64Array([1.5, 2]), [1.5, 2]],
    ['a BigInt64Array', new BigInt64Array([1n]), ['1']],
    ['a Buffer', Buffer.from('ab'), new Uint8Array([97, 98])],
    ['an ArrayBuffer', new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2])],
    ['a DataView', new DataView(new ArrayBuffer(1)), new Uint8Array([0])],
    ['a URL', new URL('http://a/'), 'http://a/'],
    ['URLSearchParams', new URLSearchParams('a=1'), 'a=1'],
    ['a RegExp', /a+/g, '/a+/g'],
    ['a Symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', named, '[Function: named]'],
    [
      'a function without a name',
      (
        () => () =>
          1
      )(),
      '[Function (anonymous)]',
    ],
    ['a class', Point, '[Function: Point]'],
    ['fetch headers', new Headers({ a: 'b' }), { a: 'b' }],
    ['an object with toJSON', new Money(), { amount: 5, currency: 'EUR' }],
    ['a plain object with toJSON', { toJSON: () => 7 }, 7],
    ['a class instance: own enumerable fields', new Point(), { x: 1 }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a boxed text', Object('a'), 'a'],
    ['a boxed BigInt', Object(1n), '1'],
    ['a list with holes and undefined', holes, [1, null, null, null]],
    ['undefined fields are omitted', { a: undefined, b: null }, { b: null }],
    ['a lone surrogate', 'a\uD800b', 'a\uFFFDb'],
    ['a key with a lone surrogate', { '\uDC00': 1 }, { '\uFFFD': 1 }],
    ['a spoofed tag', { [Symbol.toStringTag]: 'Map', a: 1 }, { a: 1 }],
    [
      'a class with a spoofed tag',
      new (class {
        readonly a = 1
        get [Symbol.toStringTag]() {
          return 'Date'
        }
      })(),
      { a: 1 },
    ],
  ])('%s', (_, value, expected) => {
    expect(toAnyValue(value)).toEqual(expected)
  })

  test('an Error inside of a value keeps type, message, stack, cause and fields', () => {
    const error = Object.assign(new TypeError('t', { cause: 'c' }), { code: 'E1' })
    expect(toAnyValue({ inner: error })).toEqual({
      inner: { type: 'TypeError', message: 't', stacktrace: error.stack, code: 'E1', cause: 'c' },
    })
  })

  test('an AggregateError keeps its errors', () => {
    const value = toAnyValue({ e: new AggregateError([new Error('a')], 'all') }) as {
      e: { errors: { message: string }[] }
    }
    expect(value.e.errors[0]?.message).toBe('a')
  })

  test('a Buffer is copied', () => {
    const buffer = Buffer.from('ab')
    const value = toAnyValue(buffer)
    buffer[0] = 0
    expect(value).toEqual(new Uint8Array([97, 98]))
  })
})

describe('what throws is said and costs only its place', () => {
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no keys')
      },
    },
  )
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()

  test.each([
    [
      'a getter',
      {
        a: 1,
        get b() {
          throw new Error('no')
        },
        c: 2,
      },
      { a: 1, b: '[Throws: no]', c: 2 },
    ],
    [
      'a toJSON',
      {
        a: {
          toJSON() {
            throw new Error('no json')
          },
        },
        b: 1,
      },
      { a: '[Throws: no json]', b: 1 },
    ],
    ['a Proxy', { a: hostile, b: 1 }, { a: '[Throws: no keys]', b: 1 }],
    [
      'something without a message',
      {
        get a() {
          throw {
            toString() {
              throw new Error('x')
            },
          }
        },
      },
      { a: '[Throws: something without a message]' },
    ],
    [
      'a getter that throws a text',
      {
        get a() {
          throw 'text'
        },
      },
      { a: '[Throws: text]' },
    ],
  ])('%s', (_, value, expected) => {
    expect(toAnyValue(value)).toEqual(expected)
  })

  test('a revoked Proxy', () => {
    expect((toAnyValue({ a: revoked, b: 1 }) as { a: string; b: number }).a).toMatch(/^\[Throws: .*revoked/)
  })

  test('attributes of a Proxy that does not list its keys', () => {
    expect(toAttributes(hostile)).toEqual({ value: '[Throws: no keys]' })
  })
})

describe('circles and depth', () => {
  test('a circle', () => {
    const value: Record<string, unknown> = { a: 1 }
    value['self'] = value
    value['list'] = [value]
    expect(toAnyValue(value)).toEqual({ a: 1, self: '[Circular]', list: ['[Circular]'] })
    expect(toAttributes(value)).toEqual({ a: 1, self: '[Circular]', list: ['[Circular]'] })
  })

  test('the same object twice is no circle', () => {
    const shared = { a: 1 }
    expect(toAnyValue({ x: shared, y: shared })).toEqual({ x: { a: 1 }, y: { a: 1 } })
  })

  test('a circle through toJSON', () => {
    const value = { toJSON: () => ({ again: value }) }
    expect(toAnyValue(value)).toEqual({ again: '[Circular]' })
  })

  test('six levels are kept', () => {
    const { value, truncated } = convertValue({ b: { c: { d: { e: { f: { g: { h: 1 } }, l: [1] } } } } })
    expect(value).toEqual({ b: { c: { d: { e: { f: { g: '[Object]' }, l: [1] } } } } })
    expect(truncated).toBe(true)
    expect(convertValue({ b: { c: { d: { e: { f: 1 } } } } }).truncated).toBe(false)
  })
})

describe('attributes', () => {
  test('only the first 128, marked', () => {
    const object = Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`k${i}`, i]))
    const { attributes, droppedAttributesCount, truncated } = convertAttributes(object)
    expect(droppedAttributesCount).toBe(2)
    expect(truncated).toBe(true)
    expect(Object.keys(attributes).slice(-2)).toEqual(['k127', 'tracelog.truncated'])
  })

  test('a key without an ASCII letter or digit gets key_', () => {
    expect(toAttributes({ '': 1, '-': 2, ключ: 3, 'a-': 4, 'key_-': 5 })).toEqual({
      key_: 1,
      'key_-': 2,
      key_ключ: 3,
      'a-': 4,
      'key_key_-': 5,
    })
  })

  test('__proto__ is a name like any other', () => {
    const attributes = toAttributes(JSON.parse('{"__proto__":{"a":1},"nested":{"__proto__":2}}'))
    expect(Object.keys(attributes)).toEqual(['__proto__', 'nested'])
    expect(JSON.stringify(attributes)).toBe('{"__proto__":{"a":1},"nested":{"__proto__":2}}')
    expect(({} as { a?: number }).a).toBeUndefined()
  })

  test('inherited fields and symbols are not attributes', () => {
    const object = Object.assign(Object.create({ inherited: 1 }), { own: 1, [Symbol('s')]: 2 })
    expect(toAttributes(object)).toEqual({ own: 1 })
  })

  test('the given object is not changed, frozen ones are read', () => {
    const object = Object.freeze({ a: Object.freeze({ b: Object.freeze([1]) }) })
    expect(toAttributes(object)).toEqual({ a: { b: [1] } })
  })
})

describe('hostile sizes', () => {
  const deep: unknown[] = []
  let bottom = deep
  for (let i = 0; i < 100_000; i++) {
    const next: unknown[] = []
    bottom.push(next)
    bottom = next
  }

  test.each([
    ['a text of 100 MB', 'x'.repeat(100_000_000)],
    ['a text of two-byte characters', '\u20AC'.repeat(10_000_000)],
    ['a list of a million', Array.from({ length: 1e6 }, (_, i) => i)],
    ['a Set of a million', new Set(Array.from({ length: 1e6 }, (_, i) => i))],
    ['a Map of a million', new Map(Array.from({ length: 1e6 }, (_, i) => [i, i]))],
    ['nesting of 100,000', deep],
    ['a Buffer of 100 MB', Buffer.alloc(100_000_000)],
    ['a BigInt of a million digits', 1n << 3_000_000n],
    ['wide and deep', Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => ({ a: 1, b: 'text' })))],
  ])('%s is cut, marked and quick', (_, value) => {
    convertAttributes({ value })
    let converted = convertAttributes({})
    const took = cpuMillis(() => (converted = convertAttributes({ first: 1, value, last: 2 })))
    const { attributes, truncated } = converted
    expect(truncated).toBe(true)
    expect(attributes).toMatchObject({ first: 1, last: 2, 'tracelog.truncated': true })
    expect(JSON.stringify(attributes).length).toBeLessThan(400_000)
    // 5 ms is the goal, measured in test/bench; the rest is room for a busy machine.
    expect(took).toBeLessThan(50)
  })

  test('128 wide values together are bounded too', () => {
    const wide = Array.from({ length: 100_000 }, (_, i) => i)
    const object = Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, wide]))
    const { attributes } = convertAttributes(object)
    const nodes = Object.values(attributes).reduce<number>((sum, v) => sum + (Array.isArray(v) ? v.length : 1), 0)
    expect(nodes).toBeLessThan(40_000)
    expect(Object.keys(attributes)).toHaveLength(129)
  })

  test('half of a surrogate pair is not left at the cut', () => {
    const { value } = convertValue('\u{1F600}'.repeat(20_000), { maxValueBytes: 101 })
    expect((value as string).isWellFormed()).toBe(true)
    expect(value).not.toContain('\uFFFD')
  })
})

test('never throws, and gives only what OTLP knows', () => {
  const isAnyValue = (value: unknown): boolean =>
    value === null ||
    ['string', 'number', 'boolean', 'bigint'].includes(typeof value) ||
    value instanceof Uint8Array ||
    (Array.isArray(value)
      ? value.every(isAnyValue)
      : Object.values(value as object).every((item) => item === undefined || isAnyValue(item)))
  fc.assert(
    fc.property(
      fc.object({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
        withSparseArray: true,
      }),
      (object) => {
        expect(isAnyValue(toAttributes(object))).toBe(true)
      },
    ),
  )
})
