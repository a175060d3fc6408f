/** Runs of a real backend: what is listed, what `run:` finds, what differs between two. One backend for the file. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import type { LogsPage, Patterns, RunDiff, RunRow } from '../../src/model/api.ts'
import { shopLogs, type ShopRequest, shopSpans } from '../backend/support/shop-traffic.ts'
import { startDevBackend, type DevBackend } from '../support/dev-backend.ts'
import { postJson } from '../support/post-json.ts'

const AT = Date.now() - 120_000
const requests = (from: number, count: number, more: Partial<ShopRequest> = {}): ShopRequest[] =>
  Array.from({ length: count }, (_, i) => ({
    index: from + i,
    at: AT + (from + i) * 100,
    tookMillis: 20 + i,
    cacheHit: true,
    ...more,
  }))
const FAILED = { status: 500, error: { type: 'RangeError', message: 'cart is too large' } }
/** The run before: five requests. The last one: five, more slowly, one of them failed. */
const [BEFORE, LAST] = ['aaaa1111bbbb2222', 'cccc3333dddd4444']
const REVISION = '4be1f0'.padEnd(40, '0')

interface Named {
  readonly resource: { readonly attributes: object[] }
}

function ofRun(body: object, id: string, more: Readonly<Record<string, string>> = {}): object {
  const added = Object.entries({ 'tracelog.run.id': id, 'service.instance.id': `${id}-process`, ...more })
  for (const { resource } of Object.values(body as Record<string, Named[]>).flat()) {
    resource.attributes.push(...added.map(([key, value]) => ({ key, value: { stringValue: value } })))
  }
  return body
}

let backend: DevBackend
const api = async <T>(path: string): Promise<T> => {
  const headers = { authorization: `Bearer ${backend.token}` }
  return (await (await fetch(`${backend.api}/api/v1/${path}`, { headers })).json()) as T
}

beforeAll(async () => {
  backend = await startDevBackend()
  const send = async (
    sent: readonly ShopRequest[],
    id: string,
    more: Readonly<Record<string, string>>,
  ): Promise<void> => {
    await postJson(`${backend.endpoint}/v1/traces`, ofRun(shopSpans(sent), id, more))
    await postJson(`${backend.endpoint}/v1/logs`, ofRun(shopLogs(sent), id, more))
  }
  await send(requests(1, 5), BEFORE, { 'tracelog.run.name': 'first' })
  const code = { 'tracelog.run.name': 'npm start', 'vcs.ref.head.revision': REVISION, 'tracelog.run.dirty': 'true' }
  await send([...requests(101, 4, { tookMillis: 90 }), ...requests(105, 1, { tookMillis: 90, ...FAILED })], LAST, code)
  await vi.waitFor(async () => expect(await api<RunRow[]>('runs')).toHaveLength(2), { timeout: 10_000 })
}, 60_000)
afterAll(async () => await backend.stop())

describe('the list', () => {
  test('has what each run was, and what came of it, the newest first', async () => {
    const runs = await api<RunRow[]>('runs')
    expect(runs).toMatchObject([
      {
        id: LAST,
        name: 'npm start',
        revision: REVISION,
        dirty: true,
        services: ['cache', 'lb', 'web'],
        requests: 5,
        logs: 7,
        errors: 2,
      },
      { id: BEFORE, name: 'first', services: ['cache', 'lb', 'web'], requests: 5, logs: 6, errors: 0 },
    ])
    expect(runs[1]).not.toHaveProperty('revision')
    expect(Date.parse(runs[0]!.started_at)).toBe(AT + 10_100)
    expect(await api('runs?limit=1')).toHaveLength(1)
    expect(await api('runs?limit=0')).toMatchObject({ error: { code: 'bad_request' } })
  })

  test('is a table of `tracelog runs`', async () => {
    const { code, out } = await backend.run(['runs'])
    expect(code).toBe(0)
    expect(out.split('\n').slice(2, 4)).toEqual([
      expect.stringMatching(/^cccc3333 {2}.*npm start {2}4be1f00\+ +5 +2 +7 {2}cache, lb, web$/),
      expect.stringMatching(/^aaaa1111 {2}.*first .* 5 +0 +6 {2}cache, lb, web$/),
    ])
    expect(JSON.parse((await backend.run(['runs', '--json'])).out)).toEqual(await api('runs'))
  })
})

describe('a query', () => {
  const logs = async (q: string): Promise<number> =>
    (await api<LogsPage>(`logs?q=${encodeURIComponent(q)}`)).logs.length
  test.each([
    { q: 'run:last', count: 7 },
    { q: 'run:prev', count: 6 },
    { q: 'run:cccc3333', count: 7 },
    { q: 'run:CCCC', count: 7 },
    { q: 'run!=last', count: 6 },
    { q: '-run:prev level>=warn', count: 2 },
    { q: 'run:last OR run:prev', count: 13 },
    { q: 'run:"last"', count: 0 },
    { q: 'run:eeee', count: 0 },
  ])('$q finds $count records', async ({ q, count }) => {
    expect(await logs(q)).toBe(count)
  })

  test('of a run is counted, and lists its requests', async () => {
    const { series } = await api<{ series: Record<string, number[]> }>('histogram?q=run:last')
    expect(
      Object.values(series)
        .flat()
        .reduce((sum, each) => sum + each, 0),
    ).toBe(7)
    expect((await api<{ requests: object[] }>('requests?q=run:last')).requests).toHaveLength(5)
    const { facets } = await api<{ facets: { run: object[] } }>('facets?fields=run')
    expect(facets.run).toEqual([
      { value: LAST, count: 7 },
      { value: BEFORE, count: 6 },
    ])
  })

  test('that names no run is refused where the name stands', async () => {
    expect(await api('logs?q=run:x')).toMatchObject({ error: { code: 'query_syntax', at: 4 } })
  })

  test('patterns are new since a run', async () => {
    const { patterns } = await api<Patterns>('patterns?new_since=run:last')
    expect(patterns.filter((row) => row.new).map(({ example }) => example)).toEqual(['cart is too large'])
    expect(await api('patterns?new_since=run:eeee')).toMatchObject({ error: { code: 'not_found' } })
  })
})

describe('two runs', () => {
  test('differ by what is new, gone and slower', async () => {
    const diff = await api<RunDiff>('diff?run_a=prev&run_b=last')
    expect(diff).toMatchObject({
      a: { id: BEFORE },
      b: { id: LAST },
      patterns: [{ change: 'added', example: 'cart is too large', level: 'ERROR', service: 'web', count: 1 }],
      routes: [
        { change: 'slower', service: 'lb', route: 'GET /api/cart', before_ms: 22, after_ms: 90, before: 5, after: 5 },
      ],
      errors: [{ type: 'RangeError', count: 1 }],
    })
    expect(diff.sentence).toBe('slower: GET /api/cart 22.0 -> 90.0 ms; 1 new kind of messages; new errors: RangeError')
    expect((await api<RunDiff>('diff?run_a=last&run_b=last')).sentence).toBe('no difference')
  })

  test('are lines of `tracelog diff`', async () => {
    const { code, out } = await backend.run(['diff', 'run:prev', 'run:last'])
    expect(code).toBe(0)
    const lines = out.trimEnd().split('\n')
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^before {2}aaaa1111 · .* first {2}5 requests, 0 errors$/),
      expect.stringMatching(/^after {3}cccc3333 · .* npm start {2}4be1f00\+ {2}5 requests, 2 errors$/),
      expect.stringMatching(/^new error {2}[0-9a-f]{8} {2}RangeError: cart is too large .*1 x$/),
      'slower  lb GET /api/cart  22.0 -> 90.0 ms  (5 and 5 requests)',
      expect.stringMatching(/^\+ [0-9a-f]{8} {2}web E cart is too large {2}1 x$/),
    ])
    expect(JSON.parse((await backend.run(['diff', 'run:prev', 'run:last', '--json'])).out)).toMatchObject({
      b: { id: LAST },
    })
  })

  test.each([
    { argv: ['diff', 'run:last'], code: 2, said: 'must be two: run:ID run:ID' },
    { argv: ['diff', 'run:last', 'run:eeee'], code: 1, said: 'there is no such run' },
  ])('that are not two are an error: $argv', async ({ argv, code, said }) => {
    const ran = await backend.run(argv)
    expect(ran.code).toBe(code)
    expect(ran.err).toContain(said)
  })
})
