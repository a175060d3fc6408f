import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formatTimestamp, nanoOfMillis, parseTimestamp, timeOfValue } from '../../src/model/time.ts'

describe('a timestamp', () => {
  test.each([
    [1_726_151_722_001_999_999n, '2024-09-12T14:35:22.001Z'],
    [0n, '1970-01-01T00:00:00.000Z'],
    [-1n, '1969-12-31T23:59:59.999Z'],
    [(1n << 64n) - 1n, '2554-07-21T23:34:33.709Z'],
    [1n << 90n, '9999-12-31T23:59:59.999Z'],
    [-(1n << 90n), '0000-01-01T00:00:00.000Z'],
  ])('of %s ns is written %s', (unixNano, text) => {
    expect(formatTimestamp(unixNano)).toBe(text)
  })

  test.each([
    ['2024-09-12T14:35:22.001Z', 1_726_151_722_001_000_000n],
    ['2024-09-12T14:35:59.999Z', 1_726_151_759_999_000_000n],
    ['2024-09-12T14:36:00.000Z', 1_726_151_760_000_000_000n],
    ['2016-12-31T23:59:60.500Z', 1_483_228_800_500_000_000n],
    ['2024-09-12T14:35:22Z', 1_726_151_722_000_000_000n],
    ['2024-09-12 16:35:22.123456789+02:00', 1_726_151_722_123_456_789n],
    ['2024-09-12t09:05:22,5-0530', 1_726_151_722_500_000_000n],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000_000_000n],
    ['2024-09-12T14:35:22.1234567899Z', 1_726_151_722_123_456_789n],
  ])('%s is read', (text, unixNano) => {
    expect(parseTimestamp(text)).toBe(unixNano)
  })

  test.each([
    '2024-09-12T14:35:22',
    '2024-02-30T00:00:00Z',
    '2024-02-30T00:00:00.000Z',
    '2024-02-28T00:00:61.000Z',
    '2024-02-28T00:00:1x.000Z',
    '2024-02-28T00:00:10.0 0Z',
    '2024-02-28T00:00:10.000z+01:00',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:00+24:00',
    'yesterday',
    '',
    '12',
  ])('%s is not read', (text) => {
    expect(parseTimestamp(text)).toBeUndefined()
  })

  test('survives a round trip at millisecond precision', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 253_402_300_799_999n }), (millis) => {
        expect(parseTimestamp(formatTimestamp(millis * 1_000_000n + 999_999n))).toBe(millis * 1_000_000n)
      }),
    )
  })
})

test.each([
  ['seconds', 1_726_151_722, 1_726_151_722_000_000_000n],
  ['seconds with decimals, as text', '1726151722.123456789', 1_726_151_722_123_456_789n],
  ['milliseconds', 1_726_151_722_001, 1_726_151_722_001_000_000n],
  ['microseconds', 1_726_151_722_001_002, 1_726_151_722_001_002_000n],
  ['nanoseconds', '1726151722001002003', 1_726_151_722_001_002_003n],
  ['a bigint', 1_726_151_722_001_002_003n, 1_726_151_722_001_002_003n],
  ['a Date', new Date(1), 1_000_000n],
  ['an RFC 3339 text', '2024-09-12T14:35:22.001Z', 1_726_151_722_001_000_000n],
  ['an invalid Date', new Date(Number.NaN), undefined],
  ['a small number', 42, undefined],
  ['NaN', Number.NaN, undefined],
  ['an object', {}, undefined],
  ['a word', 'soon', undefined],
])('a logged time may be %s', (_, value, expected) => {
  expect(timeOfValue(value)).toBe(expected)
})

test('fractions of a millisecond are kept', () => {
  expect(nanoOfMillis(1.5)).toBe(1_500_000n)
  expect(nanoOfMillis(-0.5)).toBe(-500_000n)
})
