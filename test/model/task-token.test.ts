import { inspect } from 'node:util'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formatTaskToken, readTaskToken } from '../../src/model/task-token.ts'
import { MALFORMED_TOKENS, TOKEN, TRACEPARENT } from '../support/malformed-tokens.ts'
import { spanId } from '../support/otlp-arbitraries.ts'

const PARENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 }
const ORIGIN = { parent: PARENT, tracestate: '', path: '3/2' }
const traceId = fc.tuple(spanId, spanId).map((halves) => halves.join(''))
const bytes = (text: string) => Buffer.from(text)

describe('a token', () => {
  test('is the traceparent and the path', () => {
    expect(formatTaskToken(PARENT, '3/2')).toBe(TOKEN)
  })

  test.each([
    ['too long', '1/'.repeat(200) + '1'],
    ['not one that travels', '12345678901'],
    ['of a root, which has none', ''],
  ])('goes without a path that is %s', (_, path) => {
    expect(formatTaskToken(PARENT, path)).toBe(TRACEPARENT)
  })

  test('survives a round trip, as a text, as bytes and in carriers of any case', () => {
    const given = fc.record({
      parent: fc.record({ traceId, spanId, flags: fc.nat(255) }),
      path: fc.array(fc.nat(999_999_999), { minLength: 1, maxLength: 25 }).map((numbers) => numbers.join('/')),
    })
    const isUpper = fc.func(fc.boolean())
    fc.assert(
      fc.property(given, isUpper, ({ parent, path }, upper) => {
        const origin = { parent, path, tracestate: '' }
        const token = formatTaskToken(parent, path)
        const anyCase = (name: string) =>
          Array.from(name, (letter, at) => (upper(at) ? letter.toUpperCase() : letter)).join('')
        const [traceparent = '', task = ''] = token.split(';')
        expect(readTaskToken(token)).toEqual(origin)
        expect(readTaskToken(bytes(token))).toEqual(origin)
        const carrier = { [anyCase('traceparent')]: traceparent, [anyCase('tracelog-task')]: bytes(task) }
        expect(readTaskToken(carrier)).toEqual(origin)
      }),
    )
  })
})

describe('read is', () => {
  test.each<[string, unknown, unknown]>([
    ['a token', TOKEN, ORIGIN],
    ['blanks around it', ` \t${TOKEN} `, ORIGIN],
    ['a trace without a path', TRACEPARENT, { ...ORIGIN, path: '' }],
    ['a token of a later version', `cc${TOKEN.slice(2)}`, ORIGIN],
    ['headers', { traceparent: TRACEPARENT, 'tracelog-task': '3/2' }, ORIGIN],
    [
      'headers with a state',
      { traceparent: TRACEPARENT, tracestate: 'a=b' },
      { ...ORIGIN, path: '', tracestate: 'a=b' },
    ],
    ['headers of HTTP', { Traceparent: [TRACEPARENT], 'Tracelog-Task': ['3/2'], host: 'a' }, ORIGIN],
    ['headers of Kafka', { traceparent: bytes(TRACEPARENT), 'tracelog-task': bytes('3/2'), other: bytes('x') }, ORIGIN],
    ['an environment', { PATH: '/bin', TRACEPARENT, TRACELOG_TASK: '3/2', TRACESTATE: '' }, ORIGIN],
    ['one that is there twice, the same', { traceparent: TRACEPARENT, TRACEPARENT }, { ...ORIGIN, path: '' }],
    ['an object without a prototype', Object.assign(Object.create(null), { TRACEPARENT }), { ...ORIGIN, path: '' }],
    ['a state that is no text', { TRACEPARENT, tracestate: 7 }, { ...ORIGIN, path: '' }],
  ])('%s', (_, token, expected) => {
    expect(readTaskToken(token)).toEqual(expected)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['blanks', '  '],
    ['a carrier of others', { host: 'a', 'x-tracelog-task': '3' }],
    ['an empty carrier', {}],
    ['a carrier of empty texts', { traceparent: '', 'tracelog-task': '' }],
    ['a carrier of what is not there', { traceparent: undefined, tracestate: null }],
    ['a state alone', { tracestate: 'a=b' }],
  ])('%s as no token', (_, token) => {
    expect(readTaskToken(token)).toBe('none')
  })

  test('none of two hundred malformed tokens', () => {
    expect(MALFORMED_TOKENS.length).toBeGreaterThanOrEqual(200)
    for (const token of MALFORMED_TOKENS)
      expect.soft(readTaskToken(token), inspect(token).slice(0, 100)).toBe('malformed')
  })

  test('nothing of a carrier that throws', () => {
    const throws = () => {
      throw new Error('no')
    }
    const getter = Object.defineProperty({}, 'traceparent', { get: throws, enumerable: true })
    expect(readTaskToken(getter)).toBe('malformed')
    expect(readTaskToken(new Proxy({}, { ownKeys: throws }))).toBe('malformed')
    expect(readTaskToken(new Proxy({}, { getPrototypeOf: throws }))).toBe('malformed')
  })

  test('anything at all without an error', () => {
    fc.assert(fc.property(fc.anything(), (token) => void readTaskToken(token)))
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('traceparent', 'TRACESTATE', 'Tracelog_Task'), fc.anything()),
        (token) => void readTaskToken(token),
      ),
    )
  })
})
