/**
 * A source answers what it can; all else is refused in the same words.
 */
import { expect, test } from 'vitest'

import { createSource } from '../../src/sources/create-source.ts'

test('what a source cannot do is not supported by it, and it says so in its capabilities', async () => {
  const page = { logs: [], next_cursor: null, took_ms: 0 }
  const source = createSource('loki', { logs: async () => await Promise.resolve(page) })
  expect(await source.logs({})).toBe(page)
  expect([...source.capabilities]).toEqual(['logs'])
  const refusal = { code: 'TRACELOG_NOT_SUPPORTED', message: 'sql is not supported by this source: loki' }
  await expect((async () => await source.sql('select 1'))()).rejects.toMatchObject(refusal)
  expect(() => source.tail('', { signal: AbortSignal.abort() })).toThrow('tail is not supported by this source')
})
