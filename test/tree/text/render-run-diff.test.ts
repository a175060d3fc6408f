import { expect, test } from 'vitest'

import type { RunDiff, RunRow } from '../../../src/model/api.ts'
import { runDiffSentence } from '../../../src/tree/run-diff-sentence.ts'
import { PLAIN_PAINT } from '../../../src/tree/text/paint.ts'
import { renderRunDiff } from '../../../src/tree/text/render-run-diff.ts'

process.env['TZ'] = 'UTC'
const AT = '2026-11-21T14:32:06.981Z'
const run = (id: string, more: Partial<RunRow> = {}): RunRow => ({
  id,
  name: 'npm start',
  started_at: AT,
  ended_at: AT,
  services: ['web'],
  logs: 3,
  requests: 1_204,
  errors: 0,
  ...more,
})
const error = { key: '1a2b3c4d', count: 2, first_at: AT, last_at: AT, services: [], routes: [], spark: [] }
const DIFF: Omit<RunDiff, 'sentence'> = {
  a: run('aaaa1111bbbb', { revision: '4be1f0a'.padEnd(40, '0'), dirty: true }),
  b: run('cccc3333dddd'),
  errors: [
    { ...error, type: 'RangeError', message: 'too\nlarge', frame: 'getCart (src/cart.ts)' },
    { ...error, type: 'TypeError', message: 'without a stack' },
  ],
  routes: [{ change: 'faster', service: 'web', route: 'GET /a', before_ms: 9, after_ms: 2.5, before: 4, after: 5 }],
  patterns: [{ change: 'gone', pattern: '5e6f7a8b', example: 'hello', level: 'INFO', service: 'web', count: 7 }],
}

test('two runs as text', () => {
  const options = { paint: PLAIN_PAINT, columns: undefined, now: new Date('2026-11-21T18:00:00Z') }
  expect(renderRunDiff({ ...DIFF, sentence: runDiffSentence(DIFF) }, options)).toEqual([
    'faster: GET /a 9.0 -> 2.5 ms; 1 kind of messages gone; new errors: RangeError, TypeError',
    'before  aaaa1111 · 14:32:06.981  npm start  4be1f0a+  1,204 requests, 0 errors',
    'after   cccc3333 · 14:32:06.981  npm start  1,204 requests, 0 errors',
    String.raw`new error  1a2b3c4d  RangeError: too\nlarge  getCart (src/cart.ts)  2 x`,
    'new error  1a2b3c4d  TypeError: without a stack  (no stack)  2 x',
    'faster  web GET /a  9.0 -> 2.5 ms  (4 and 5 requests)',
    '- 5e6f7a8b  web I hello  7 x',
  ])
})

test('without a difference it says so', () => {
  expect(runDiffSentence({ ...DIFF, errors: [], routes: [], patterns: [] })).toBe('no difference')
})
