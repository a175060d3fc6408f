/** Two requests side by side, from a real backend: the command, the API and its plain text. One backend for the file. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import type { RequestRow, TreeDiff } from '../../src/model/api.ts'
import { shopLogs, type ShopRequest, shopSpans, traceIdOf } from '../backend/support/shop-traffic.ts'
import { startDevBackend, type DevBackend } from '../support/dev-backend.ts'
import { postJson } from '../support/post-json.ts'

const AT = Date.now() - 60_000
/** Ten that went well, 12 to 30 ms; then a slow one that failed; and one that nothing is like. */
const REQUESTS: readonly ShopRequest[] = [
  ...Array.from({ length: 10 }, (_, i) => ({ index: i + 1, at: AT + i * 40, tookMillis: 12 + i * 2, cacheHit: true })),
  {
    index: 11,
    at: AT + 1_000,
    tookMillis: 80,
    cacheHit: false,
    status: 500,
    error: { type: 'TypeError', message: 'cart is undefined' },
  },
  { index: 12, at: AT + 2_000, path: '/api/alone' },
]
const [failed, alone] = [traceIdOf(11), traceIdOf(12)]

let backend: DevBackend
beforeAll(async () => {
  backend = await startDevBackend()
  await postJson(`${backend.endpoint}/v1/traces`, shopSpans(REQUESTS))
  await postJson(`${backend.endpoint}/v1/logs`, shopLogs(REQUESTS))
  await vi.waitFor(async () => expect((await backend.run(['trace', failed])).code).toBe(0), { timeout: 10_000 })
}, 60_000)
afterAll(async () => await backend.stop())

async function ask(path: string): Promise<Response> {
  return await fetch(`${backend.api}/api/v1/${path}`, { headers: { authorization: `Bearer ${backend.token}` } })
}

test('one request is compared with the good one of its kind', async () => {
  const baseline = (await (await ask(`traces/${failed}/baseline`)).json()) as RequestRow
  // 12 to 30 ms: the fifth of ten is the lower median.
  expect(baseline).toMatchObject({ outcome: 'ok', duration_ms: 20, path: '/api/cart' })
  const { code, out, err } = await backend.run(['diff', failed.slice(0, 8)])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^60\.0 ms slower: .*new: ERROR cart is undefined/)
  expect(out).toContain(`before  ${baseline.trace_id.slice(0, 8)}`)
  expect(out).toContain(`after   ${failed.slice(0, 8)}`)
  expect(out).toMatch(/17\.0 +68\.0 +status 200 -> 500 +web/)
  const text = await (await ask(`diff?a=${baseline.trace_id}&b=${failed}&format=text`)).text()
  expect(out).toBe(text)
})

test('two are compared as they are named, also as JSON', async () => {
  const { code, out } = await backend.run(['diff', failed, traceIdOf(1), '--json'])
  const diff = JSON.parse(out) as TreeDiff
  expect(code).toBe(0)
  expect(diff.sentence).toMatch(/^68\.0 ms faster/)
  expect(diff).toMatchObject({
    a: { trace_id: failed, outcome: 'error' },
    b: { trace_id: traceIdOf(1), outcome: 'ok' },
  })
  expect(diff).toEqual(await (await ask(`diff?a=${failed}&b=${traceIdOf(1)}`)).json())
})

test.each([
  { ids: [alone], said: 'no other request of its kind went well; name one to compare with' },
  { ids: ['ffffffff'], said: 'no trace begins with "ffffffff"' },
  { ids: [failed, 'ffffffff'], said: 'no trace begins with "ffffffff"' },
  { ids: ['eeeeeeee', 'ffffffff'], said: 'no trace begins with "eeeeeeee", none with "ffffffff"' },
])('without anything to compare it says why: $said', async ({ ids, said }) => {
  expect(await backend.run(['diff', ...ids])).toEqual({ code: 1, out: '', err: `tracelog diff: ${said}\n` })
})
