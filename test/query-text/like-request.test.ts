/** Which request is the good one to compare with: backend-next 9. */
import { expect, test } from 'vitest'

import type { RequestRow, TraceTree, TreeRow } from '../../src/model/api.ts'
import { findBaseline } from '../../src/query-text/like-request.ts'
import { parseQueryText } from '../../src/query-text/parse.ts'
import { EXAMPLE } from '../cli/rows.ts'
import { requestRow } from '../mcp/kit.ts'

const id = (digit: number): string => String(digit).repeat(32)
const like = (digit: number, took: number | null, more: Partial<RequestRow> = {}): RequestRow =>
  requestRow({ trace_id: id(digit), duration_ms: took, outcome: 'ok', status: 200, ...more })

async function found(
  rows: readonly RequestRow[],
  tree: TraceTree | undefined = EXAMPLE,
): Promise<{ readonly row: RequestRow | undefined; readonly query: string | undefined }> {
  let query: string | undefined
  const row = await findBaseline(
    {
      trace: () => Promise.resolve(tree),
      requests: (text, limit) => {
        query = text
        expect(limit).toBe(100)
        return Promise.resolve(rows)
      },
    },
    '4bf92f35',
  )
  return { row, query }
}

test('the one nearest to the median of those that went well', async () => {
  const rows = [like(1, 90), like(2, 21), like(3, 20), like(4, 19), like(5, 2)]
  const { row, query } = await found(rows)
  expect(row?.trace_id).toBe(id(3))
  expect(query).toBe('method:"GET" route:"/api/cart"')
})

test('the newest of several that are as near', async () => {
  expect((await found([like(1, 20), like(2, 20), like(3, 20)])).row?.trace_id).toBe(id(1))
})

test.each<{ why: string; rows: readonly RequestRow[] }>([
  { why: 'there is none', rows: [] },
  { why: 'it is the one that is compared', rows: [requestRow({ outcome: 'ok' })] },
  { why: 'it failed', rows: [like(1, 20, { outcome: 'error' })] },
  { why: 'it still runs', rows: [like(1, null, { outcome: 'running' })] },
  { why: 'another service took it in', rows: [like(1, 20, { services: ['web', 'lb'] })] },
  { why: 'it has another method', rows: [like(1, 20, { method: 'POST' })] },
])('none when $why', async ({ rows }) => {
  expect((await found(rows)).row).toBeUndefined()
})

test('without a route, of the same path', async () => {
  const rows = EXAMPLE.rows.map(({ fields = {}, ...row }): TreeRow => {
    const { route: _, ...others } = fields
    return { ...row, fields: { ...others, ...(row.kind === 'span' ? { path: String.raw`/a"b\c*` } : {}) } }
  })
  const path = String.raw`/a"b\c*`
  const { row, query } = await found([like(1, 20), like(2, 20, { path })], { ...EXAMPLE, rows })
  expect(row?.trace_id).toBe(id(2))
  expect(JSON.stringify(parseQueryText(query ?? ''))).toContain(JSON.stringify(path))
})

test('none of a trace that is no request, or is not there', async () => {
  const lines = EXAMPLE.rows.filter(({ kind }) => kind === 'log')
  expect((await found([like(1, 20)], { ...EXAMPLE, rows: lines })).row).toBeUndefined()
  const nobody = { trace: () => Promise.resolve(undefined), requests: () => Promise.resolve([]) }
  expect(await findBaseline(nobody, '4bf92f35')).toBeUndefined()
})
