import { expect, test } from 'vitest'

import { correctedQuery } from '../../src/query-text/corrected-query.ts'

test.each([
  ['level:eror', 'level:error'],
  ['service:api level>=waring', 'service:api level>=warn'],
  ['(service:api', '(service:api)'],
  ['service:api)', 'service:api'],
  ['"upstream timeout', '"upstream timeout"'],
  ['service:api AND', 'service:api'],
  ['service>api', 'service:api'],
  ['level:error', undefined],
  ['((((', undefined],
])('%s was meant as %s', (text, meant) => {
  expect(correctedQuery(text)).toBe(meant)
})
