/**
 * Whatever somebody may type where a query is asked for: anything at all, and things that look like a query.
 */
import * as fc from 'fast-check'

import { KNOWN_KEYS, OPERATORS } from '../../src/query-text/terms.ts'

/** Values that one kind of key or another chokes on. */
const VALUES = [
  'web',
  '*',
  'a*b*c',
  '""',
  '"a \\" b"',
  '4bf9',
  '-',
  '0',
  '-1',
  '1e400',
  '-0',
  '0x1f',
  'Infinity',
  'NaN',
  '9223372036854775808',
  '99999999999999999999999999999999999999999',
  '250ms',
  `${'9'.repeat(400)}d`,
  '9999-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
  '15m',
  'warn',
  'loud',
  'true',
  "'",
  "' OR 1=1 --",
  '\\',
  '%_\\',
  '\u0000',
  '\ud800',
  '\u{1f600}',
  '__proto__',
  'a/b~c.d',
]

/** @returns texts; most of them are not queries */
export function queryTexts(): fc.Arbitrary<string> {
  const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...VALUES))
  const key = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...KNOWN_KEYS, 'name', 'user.id', '__proto__', 'constructor', 'attr.level'),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 6 }) },
  )
  const value = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...VALUES) }, { weight: 1, arbitrary: fc.string() })
  const term = fc.tuple(key, fc.constantFrom(...OPERATORS), value).map((parts) => parts.join(''))
  const piece = fc.oneof(term, fc.constantFrom('(', ')', '-', 'OR', 'AND', '"', 'word', 'w*d'))
  return fc.oneof(
    { weight: 1, arbitrary: anything },
    { weight: 4, arbitrary: term },
    { weight: 3, arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' ')) },
  )
}

/** Rows with values of every type under the keys that queries name. */
export const ODD_ROWS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  Object.fromEntries(KNOWN_KEYS.map((key) => [key, key])),
  Object.fromEntries(KNOWN_KEYS.map((key) => [key, 1n])),
  Object.fromEntries(KNOWN_KEYS.map((key) => [key, { nested: [null, Number.NaN] }])),
  { message: 7, level: null, time_ns: 'x', service: ['web'], status: -0, name: '' },
]
