/**
 * What Loki limits and what fails on the way: pages stay whole, refusals are said in the user's words.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import type { LogSource } from '../../../src/sources/log-source.ts'
import { createLokiSource } from '../../../src/sources/loki.ts'
import { makeCertificates } from '../../support/certificates.ts'
import { requireProgram } from '../../support/require.ts'
import { startFakeLoki, type FakeLoki } from './fake-loki.ts'

const NOW = BigInt(Date.now()) * 1_000_000n
const DAY = 86_400_000_000_000n

const sourceOf = ({ url }: FakeLoki, headers: Record<string, string> = {}): LogSource =>
  createLokiSource({ lokiUrl: url, tempoUrl: undefined, headers })

async function allPages(source: LogSource, limit: number, order: 'asc' | 'desc'): Promise<string[]> {
  const lines: string[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await source.logs({ limit, order, ...(cursor === undefined ? {} : { cursor }) })
    lines.push(...page.logs.map(({ message }) => message))
    cursor = page.next_cursor
  }
  return lines
}

test.each(['asc', 'desc'] as const)(
  'many records of one time are cut into pages without loss, in order %s',
  async (order) => {
    // 400 records of 4 times; Loki sends 150 at a time.
    const times = Array.from({ length: 400 }, (_, i) => NOW - BigInt(i % 4) * 1_000n)
    const loki = await startFakeLoki(times, 150)
    const lines = await allPages(sourceOf(loki), 37, order)
    expect(lines.length).toBe(400)
    expect(new Set(lines).size).toBe(400)
  },
)

test('more of one time than Loki sends is said, not lost', async () => {
  const loki = await startFakeLoki(
    Array.from({ length: 151 }, () => NOW),
    150,
  )
  await expect(sourceOf(loki).logs({ limit: 10 })).rejects.toMatchObject({
    code: 'TRACELOG_USAGE',
    message: expect.stringContaining('more than 150 records have the time') as string,
  })
})

test('a longer time than Loki allows is asked in parts', async () => {
  const times = [NOW - 5n * DAY, NOW - 40n * DAY, NOW - 75n * DAY]
  const loki = await startFakeLoki(times)
  const { logs } = await sourceOf(loki).logs({ since: '80d' })
  expect(logs.map(({ message }) => message)).toEqual(['line 0', 'line 1', 'line 2'])
  for (const { form } of loki.asked) {
    expect(BigInt(form.get('end')!) - BigInt(form.get('start')!)).toBeLessThanOrEqual(30n * DAY)
  }
})

test('the newest are looked for in the last hours first: further back only when that was not enough', async () => {
  const loki = await startFakeLoki(Array.from({ length: 300 }, (_, i) => NOW - BigInt(i) * 1_000_000n))
  expect((await sourceOf(loki).logs({ limit: 200 })).logs.length).toBe(200)
  expect(loki.asked.length).toBe(1)
  expect((await sourceOf(loki).logs({ limit: 500 })).logs.length).toBe(300)
})

test('without a time, the last 30 days are asked', async () => {
  const loki = await startFakeLoki([NOW - 5n * DAY, NOW - 40n * DAY])
  expect((await sourceOf(loki).logs({})).logs.length).toBe(1)
})

test.each([429, 500, 502, 503, 504])('status %i is tried again', async (status) => {
  const loki = await startFakeLoki([NOW])
  loki.next.push({ status, headers: { 'retry-after': '0' } }, { status, headers: { 'retry-after': '0' } })
  expect((await sourceOf(loki).logs({ since: '1h' })).logs.length).toBe(1)
  expect(loki.asked.length).toBe(3)
})

test('one that stays overloaded is said with its words', async () => {
  const loki = await startFakeLoki([NOW])
  loki.next.push(
    ...Array.from({ length: 4 }, () => ({ status: 503, body: 'empty ring', headers: { 'retry-after': '0' } })),
  )
  await expect(sourceOf(loki).logs({})).rejects.toMatchObject({
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    message: `Loki at ${loki.url} does not answer: status 503, empty ring`,
  })
})

test('headers go with each request, and a refusal names the setting', async () => {
  const loki = await startFakeLoki([NOW])
  loki.next.push({ status: 401, body: 'no org id' })
  const source = sourceOf(loki, { 'x-scope-orgid': 'shop', authorization: 'Bearer abc' })
  await expect(source.logs({})).rejects.toMatchObject({
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    message: expect.stringContaining('no org id') as string,
    hint: expect.stringContaining('TRACELOG_SOURCE_TENANT') as string,
  })
  expect(loki.asked[0]!.headers).toMatchObject({ 'x-scope-orgid': 'shop', authorization: 'Bearer abc' })
})

test("Loki's refusal of a question is told, and not tried again", async () => {
  const loki = await startFakeLoki([NOW])
  loki.next.push({ status: 400, body: 'the query time range exceeds the limit' })
  await expect(sourceOf(loki).logs({})).rejects.toMatchObject({
    code: 'TRACELOG_USAGE',
    message: expect.stringContaining('the query time range exceeds the limit') as string,
  })
  expect(loki.asked.length).toBe(1)
})

test('one that is not there is said at once', async () => {
  const source = createLokiSource({ lokiUrl: 'http://127.0.0.1:1', tempoUrl: 'http://127.0.0.1:1', headers: {} })
  await expect(source.logs({})).rejects.toMatchObject({
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    message: expect.stringContaining('Loki at http://127.0.0.1:1 does not answer') as string,
  })
  await expect(source.trace('0123456789abcdef0123456789abcdef')).rejects.toMatchObject({
    message: expect.stringContaining('Tempo at http://127.0.0.1:1 does not answer') as string,
  })
})

test('the beginning of an id is looked for in the seven days that Tempo searches at most', async () => {
  const [loki, tempo] = [await startFakeLoki([]), await startFakeLoki([])]
  const id = '0af7651916cd43dd8448eb211c80319c'
  // Tempo leaves out leading zeros.
  tempo.next.push({ status: 200, body: JSON.stringify({ traces: [{ traceID: id.slice(1) }] }) }, { status: 404 })
  const source = createLokiSource({ lokiUrl: loki.url, tempoUrl: tempo.url, headers: {} })
  expect(await source.trace(id.slice(0, 10))).toBeUndefined()
  const { pathname, searchParams } = new URL(tempo.asked[0]!.path, tempo.url)
  expect(pathname).toBe('/api/search')
  expect(searchParams.get('q')).toBe('{ trace:id =~ "0af7651916.*" }')
  const [start, end] = [Number(searchParams.get('start')), Number(searchParams.get('end'))]
  expect(end - start).toBe(168 * 3_600)
  expect(Math.abs(end - Date.now() / 1_000)).toBeLessThan(600)
  expect(tempo.asked[1]!.path).toBe(`/api/traces/${id}`)
})

requireProgram('openssl')('a certificate that nobody here knows is said, and how to make it known', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-loki-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { cert, key } = makeCertificates(folder)
  const server = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const lokiUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const source = createLokiSource({ lokiUrl, tempoUrl: undefined, headers: {} })
  await expect(source.logs({})).rejects.toMatchObject({
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
  })
})

test('a server that is no Loki is said', async () => {
  const loki = await startFakeLoki([])
  loki.next.push({ status: 404 }, { status: 200, body: '<html>' })
  await expect(sourceOf(loki).logs({})).rejects.toThrow('it has no /loki/api/v1/query_range')
  await expect(sourceOf(loki).logs({})).rejects.toThrow('the answer is not JSON')
})

test.each(['<html>login</html>', '"ok"', 'null'])(
  '%s is no answer of Loki or Tempo, and is said to be none',
  async (body) => {
    const loki = await startFakeLoki([])
    loki.next.push({ status: 200, body }, { status: 200, body })
    await expect(sourceOf(loki).logs({})).rejects.toMatchObject({
      code: 'TRACELOG_BACKEND_UNREACHABLE',
      message: expect.stringContaining(`Loki at ${loki.url} does not answer: the answer is `) as string,
    })
    const source = createLokiSource({ lokiUrl: loki.url, tempoUrl: loki.url, headers: {} })
    await expect(source.trace('0123456789')).rejects.toMatchObject({
      message: expect.stringContaining(`Tempo at ${loki.url} does not answer: the answer is `) as string,
    })
  },
)

test('a search without a time looks at the newest hours first, and tells how far back it has come', async () => {
  const loki = await startFakeLoki([NOW - 3n * DAY])
  const told: string[] = []
  const lookBack = {
    to: (from: bigint) => told.push(String(Math.round(Number(NOW - from) / 3.6e12))),
    end: () => told.push('end'),
  }
  const source = createLokiSource({ lokiUrl: loki.url, tempoUrl: undefined, headers: {}, lookBack })
  expect((await source.logs({ limit: 1 })).logs).toHaveLength(1)
  const starts = loki.asked.map(({ form }) => BigInt(form.get('start')!))
  expect(starts).toEqual(starts.toSorted((a, b) => (a < b ? 1 : -1)))
  expect(told).toEqual(['25', '313', '719', 'end'])
})

test('a trace whose beginning is known is looked for in the newest hours first', async () => {
  const loki = await startFakeLoki([])
  await sourceOf(loki).trace('4bf92f35')
  const hours = loki.asked.map(({ form }) => (BigInt(form.get('end')!) - BigInt(form.get('start')!)) / (DAY / 24n))
  expect(hours.slice(0, 2)).toEqual([2n, 1n])
})
