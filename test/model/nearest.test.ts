import { expect, test } from 'vitest'

import { nearest } from '../../src/model/nearest.ts'

const NAMES = ['winston', 'http', 'redis', 'ioredis', 'tail', 'trace', 'service', 'level']

test.each([
  { word: 'winstn', meant: 'winston' },
  { word: 'htpp', meant: 'http' },
  { word: 'HTTP', meant: 'http' },
  { word: 'tial', meant: 'tail' },
  { word: 'sevice', meant: 'service' },
  { word: 'io-redis', meant: 'ioredis' },
  { word: 'levle', meant: 'level' },
])('$word is near $meant', ({ word, meant }) => {
  expect(nearest(word, NAMES)).toBe(meant)
})

test.each(['', 'fs', 'pino', 'mongodb', 'x'.repeat(100_000)])('nothing is near %#', (word) => {
  expect(nearest(word, NAMES)).toBeUndefined()
})

test('of equally near words the first one is taken', () => {
  expect(nearest('cat', ['car', 'can'])).toBe('car')
})
