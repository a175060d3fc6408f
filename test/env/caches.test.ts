/** What a look-up in a cache leaves behind. */
import { expect, test } from 'vitest'

import { shop } from './run.ts'

async function lookUp(env: Record<string, string> = {}) {
  const { logs, spans, exchanges } = await shop(['/cart'], env)
  const record = logs.find(({ record: one }) => one.eventName === 'tracelog.cache.end')?.record
  return {
    severity: record?.severityNumber,
    key: Object.values(record?.attributes ?? {}).includes('cart:*'),
    spans: spans.filter(({ span }) => span.name === 'carts get').length,
    header: exchanges[0]?.answer['cache-status'],
  }
}

const DEFAULT = { severity: 9, key: false, spans: 1, header: expect.stringContaining('fwd=miss') as unknown }

test.each([
  [{}, {}],
  [{ TRACELOG_CACHE_LEVEL: 'debug' }, { severity: 5 }],
  [{ TRACELOG_CACHE_LEVEL: 'off' }, { severity: undefined }],
  [{ TRACELOG_CACHE_SPANS: 'off' }, { spans: 0 }],
  [{ TRACELOG_CACHE_KEYS: 'pattern' }, { key: true }],
  [{ TRACELOG_CACHE_STATUS: 'off' }, { header: undefined }],
])('with %o a look-up that misses has %o', async (env, changed) => {
  expect(await lookUp(env as Record<string, string>)).toEqual({ ...DEFAULT, ...changed })
})
