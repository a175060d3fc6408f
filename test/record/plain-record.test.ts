/** Straight to bytes: the bytes are those of the general path. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { convertAttributes } from '../../src/model/js-value.ts'
import { FieldRoles } from '../../src/record/field-roles.ts'
import type { RecordEmitter } from '../../src/record/record-emitter.ts'
import { twoWays } from '../support/two-ways.ts'

const SCOPE = { name: 'test', version: '1' }
const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
const ROLES = new FieldRoles()
const OPTIONS = [{}, { isOn: false }, { addedKeys: ['tenant'], patterns: [/zebra\d*/g] }]

interface Given {
  readonly severityNumber: number
  readonly severityText: string
  readonly body: string
  readonly before?: object | undefined
  readonly fields: object
  readonly isInSpan: boolean
}

function emitGeneral(records: RecordEmitter, { before, fields, isInSpan, ...rest }: Given): void {
  const all = before === undefined ? fields : { ...before, ...fields }
  records.emit({ ...rest, ...convertAttributes(all), context: contextOf(isInSpan) }, SCOPE, 'export')
}

function emitPlain(records: RecordEmitter, given: Given): boolean {
  const input = { ...given, roles: ROLES, mayHaveGetters: true, context: contextOf(given.isInSpan) }
  return records.emitPlain(input, SCOPE, 'export')
}

const contextOf = (isInSpan: boolean) => (isInSpan ? trace.setSpanContext(ROOT_CONTEXT, SPAN) : ROOT_CONTEXT)

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  fc.constantFrom('', 'password=hunter2', 'zebra42', 'Bearer abcdefghijklmnop', '4111 1111 1111 1111', '\uD800', 'ü€'),
  fc.constantFrom('x'.repeat(8192), 'x'.repeat(8193)),
)
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, 2 ** 53, 1e13, 4_111_111_111_111_111, Date.UTC(2026, 10)),
)
const anything = fc.oneof(
  { weight: 8, arbitrary: scalar },
  fc.bigInt(),
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.string(), scalar, { maxKeys: 3 }),
  fc.constant(new Date(0)),
)
const key = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('user.id', 'password', 'tenant', 'url.full', '__proto__', '***', 'k'.repeat(1030)),
)
const given: fc.Arbitrary<Given> = fc.record({
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: fc.oneof(fc.constantFrom('', 'info', 'password=hunter2'), fc.string()),
  body: text,
  before: fc.option(fc.dictionary(key, scalar, { maxKeys: 3 }), { nil: undefined }),
  fields: fc.dictionary(key, anything, { maxKeys: 8 }),
  isInSpan: fc.boolean(),
})

/** An object has its numbered keys first: the same attributes in another order. */
function isReordered({ before, fields }: Given): boolean {
  return before !== undefined && Object.keys({ ...before, ...fields }).some((each) => /^\d+$/.test(each))
}

describe.each(OPTIONS)('redacted by %j', (options) => {
  test('for any record: it is the same bytes, or left to the general path with nothing written', () => {
    const { general, fast } = twoWays(options)
    fc.assert(
      fc.property(given, (one) => {
        fc.pre(!isReordered(one))
        const isPlain = emitPlain(fast.records, one)
        if (!isPlain) emitGeneral(fast.records, one)
        emitGeneral(general.records, one)
        expect(Buffer.from(fast.take()).toString('hex')).toBe(Buffer.from(general.take()).toString('hex'))
      }),
      { numRuns: 1000 },
    )
  })
})

test.each<[string, object, boolean]>([
  ['texts, numbers, booleans, null, undefined', { a: 'x', b: 1.5, c: true, d: null, e: undefined }, true],
  ['milliseconds since the epoch', { at: Date.UTC(2026, 10) }, true],
  ['128 fields', Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, i])), true],
  ['129 fields', Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`k${i}`, i])), false],
  ['a secret key', { password: 'x' }, false],
  ['a nested value', { a: { b: 1 } }, false],
  ['a number as long as a card', { a: 4_111_111_111_111_111 }, false],
  [
    'more text than a record may have',
    { a: 'x'.repeat(8000), b: 'x'.repeat(8000), c: 'x'.repeat(8000), d: 'x'.repeat(8000), e: 'x'.repeat(8000) },
    false,
  ],
])('plain or not: %s', (_name, fields, isPlain) => {
  const { fast, straight } = twoWays()
  const one = { severityNumber: 9, severityText: 'info', body: 'text', fields, isInSpan: true }
  expect(emitPlain(fast.records, one)).toBe(isPlain)
  expect(straight()).toBe(isPlain ? 1 : 0)
  expect(fast.take().length > 0).toBe(isPlain)
})

test.each([
  [{ tenant: 'a' }, { x: 1 }, true],
  [{ x: 0 }, { x: 1 }, false],
  [{ nested: { a: 1 } }, { x: 1 }, false],
])('%j before %j: plain %s', (before, fields, isPlain) => {
  const { fast } = twoWays()
  const one = { severityNumber: 9, severityText: 'info', body: 'text', before, fields, isInSpan: true }
  expect(emitPlain(fast.records, one)).toBe(isPlain)
})

test.each([0, 1, -1, 4, 5, 6, 86_400_000, -86_400_000])(
  "a logger's own time in whole milliseconds, %i ms ago, is the time that it is as nanoseconds",
  (agoMillis) => {
    const { general, fast } = twoWays()
    const timeMillis = 1_796_040_000_123 - agoMillis
    const record = { severityNumber: 9, severityText: 'info', body: 'text' }
    const plain = { ...record, fields: {}, roles: ROLES, mayHaveGetters: false, context: ROOT_CONTEXT }
    expect(fast.records.emitPlain({ ...plain, timeMillis }, SCOPE, 'export')).toBe(true)
    const timeUnixNano = BigInt(timeMillis) * 1_000_000n
    const whole = { ...record, attributes: {}, timeUnixNano, isTimeCut: true, context: ROOT_CONTEXT }
    general.records.emit(whole, SCOPE, 'export')
    expect(Buffer.from(fast.take()).toString('hex')).toBe(Buffer.from(general.take()).toString('hex'))
  },
)

test('an accessor is not run', () => {
  const { fast } = twoWays()
  let runs = 0
  const fields = Object.defineProperty({}, 'a', { enumerable: true, get: () => runs++ })
  const one = { severityNumber: 9, severityText: '', body: '', fields, isInSpan: false }
  expect(emitPlain(fast.records, one)).toBe(false)
  expect(runs).toBe(0)
})

test('a record that is made while the values of another are read does not mix with it', () => {
  const { fast } = twoWays()
  const inner = { severityNumber: 9, severityText: '', body: 'inner', fields: { a: 1 }, isInSpan: false }
  const fields = Object.defineProperty({}, 'a', {
    enumerable: true,
    get() {
      if (!emitPlain(fast.records, inner)) emitGeneral(fast.records, inner)
      return 'x'
    },
  })
  const outer = { severityNumber: 9, severityText: '', body: 'outer', fields, isInSpan: false }
  fast.records.emitPlain({ ...outer, roles: ROLES, mayHaveGetters: false }, SCOPE, 'export')
  const bytes = Buffer.from(fast.take()).toString('latin1')
  expect(bytes.indexOf('inner')).toBeLessThan(bytes.indexOf('outer'))
  expect([bytes.split('inner').length, bytes.split('outer').length]).toEqual([2, 2])
})
