/** What is exported is what is stored, can be read again, and be sent to another backend, once. Two backends for the file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import type { ReadyLine } from '../../src/cli/find-backend.ts'
import { sourceData, type SourceData } from '../contract/source-data.ts'
import { startDevBackend, type DevBackend } from '../support/dev-backend.ts'
import { postJson } from '../support/post-json.ts'
import { startServer } from '../support/servers/server-process.ts'
import { runCli } from './run-cli.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tracelog-export-'))
let backend: DevBackend
/** Where what was exported goes. */
let other: DevBackend
let data: SourceData

beforeAll(async () => {
  ;[backend, other] = await Promise.all([startDevBackend(), startDevBackend()])
  data = sourceData(Date.now() - 60_000)
  await postJson(`${backend.endpoint}/v1/logs`, JSON.parse(data.logsRequest))
  await postJson(`${backend.endpoint}/v1/traces`, JSON.parse(data.tracesRequest))
  await vi.waitFor(async () => expect((await backend.run(['trace', data.traceId])).code).toBe(0), { timeout: 10_000 })
}, 60_000)
afterAll(async () => {
  await Promise.all([backend.stop(), other.stop()])
  rmSync(folder, { recursive: true, force: true })
})

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test.each(['jsonl', 'jsonl.gz'])('a trace as %s is the same trace when it is read again', async (ending) => {
  const file = join(folder, `trace.${ending}`)
  const { code, err } = await backend.run(['export', data.traceId.slice(0, 12), '-o', file])
  expect([code, err]).toEqual([0, 'tracelog export: 4 records, 3 spans\n'])
  const bytes = readFileSync(file)
  const lines = linesOf(String(ending.endsWith('gz') ? gunzipSync(bytes) : bytes))
  expect(lines.map((line) => Object.keys(line).join())).toEqual(['resourceLogs', 'resourceLogs', 'resourceSpans'])
  expect(JSON.stringify(lines[0])).toContain('"tracelog.export.spans"')
  const again = await runCli(['trace', data.traceId, '--source', file], { env: { TZ: 'UTC' } })
  expect(again.out).toBe((await backend.run(['trace', data.traceId])).out)
})

test('records of a query are flat lines, the oldest first, behind a header that counts them', async () => {
  const file = join(folder, 'errors.ndjson')
  const { code } = await backend.run(['export', '-o', file, 'level>=error', 'service:api'])
  expect(code).toBe(0)
  const [header, ...rows] = linesOf(readFileSync(file, 'utf8'))
  const stored = linesOf((await backend.run(['query', '--json', 'level>=error service:api'])).out)
  expect(header).toMatchObject({ event: 'tracelog.export', 'tracelog.export.query': 'level>=error service:api' })
  expect(header?.['tracelog.export.records']).toBe(rows.length)
  expect(rows.map(({ message }) => message)).toEqual(stored.map(({ message }) => message))
  expect(rows.some((row) => '_id' in row)).toBe(false)
})

test('standard output takes both formats', async () => {
  const otlp = linesOf((await backend.run(['export', 'service:web'])).out)
  const flat = linesOf((await backend.run(['export', 'service:web', '--format', 'flat'])).out)
  expect(otlp.every((line) => 'resourceLogs' in line)).toBe(true)
  expect(flat.slice(1).every(({ service }) => service === 'web')).toBe(true)
})

test('nothing is written for nothing', async () => {
  const file = join(folder, 'nothing.jsonl')
  for (const what of ['service:nobody', 'deadbeefdeadbeef']) {
    const { code, err } = await backend.run(['export', what, '-o', file])
    expect([code, err]).toEqual([1, 'tracelog export: nothing found\n'])
  }
  expect(readdirSync(folder)).not.toContain('nothing.jsonl')
})

test.each([
  ['all.csv', /must end in \.jsonl/],
  ['no/such/folder/all.jsonl', /must be a file that can be written \(ENOENT\)/],
])('%s is refused', async (name, expected) => {
  const { code, err } = await backend.run(['export', '-o', join(folder, name)])
  expect(code).toBe(2)
  expect(err).toMatch(expected)
})

test('a trace that was exported is the same one in another backend, and is sent there once', async () => {
  const file = join(folder, 'moved.jsonl.gz')
  await backend.run(['export', data.traceId, '-o', file])
  const first = await other.run(['import', file])
  expect([first.code, first.err]).toEqual([0, 'tracelog import: 2 requests sent\n'])
  const original = (await backend.run(['trace', data.traceId])).out
  await vi.waitFor(async () => expect((await other.run(['trace', data.traceId])).out).toBe(original), {
    timeout: 10_000,
  })
  await vi.waitFor(
    async () => {
      const again = await other.run(['import', file])
      expect(again.err).toContain('it was imported before; --again sends it once more')
      expect(again.code).toBe(1)
    },
    { timeout: 10_000 },
  )
  expect((await other.run(['query', 'event:tracelog.export'])).code).toBe(1)
})

test('flat lines arrive, and what is no line of either kind is told with its place', async () => {
  const file = join(folder, 'mixed.ndjson')
  const line = {
    timestamp: '2026-11-21T14:32:06.981Z',
    level: 'WARN',
    service: 'flat',
    message: 'from a file',
    user: 42,
  }
  writeFileSync(file, `${JSON.stringify(line)}\nno JSON\n[1]\n\n`)
  const { code, err } = await other.run(['import', file])
  expect(code).toBe(1)
  expect(err).toContain(`${file}:2: `)
  expect(err).toContain(`${file}:3: the line is no JSON object`)
  expect(err).toContain('1 requests sent, 2 problems')
  await vi.waitFor(
    async () => {
      const { out } = await other.run(['query', '--json', 'service:flat'])
      expect(JSON.parse(out)).toMatchObject(line)
    },
    { timeout: 10_000 },
  )
})

test('a file that is not there is told', async () => {
  const { code, err } = await other.run(['import', join(folder, 'nowhere.jsonl')])
  expect(code).toBe(1)
  expect(err).toContain('nowhere.jsonl: no such file or directory')
})

test('a file is looked at in a backend of its own, of which nothing is left', async () => {
  const file = join(folder, 'opened.jsonl')
  await backend.run(['export', data.traceId, '-o', file])
  const temporary = mkdtempSync(join(folder, 'tmp-'))
  const opened = await startServer({
    name: 'tracelog open',
    program: process.execPath,
    args: [CLI, 'open', '--json', file],
    env: { TMPDIR: temporary, TZ: 'UTC' },
    isReady: (said) => said.includes('}\n'),
  })
  const { api, token } = JSON.parse(
    opened
      .said()
      .split('\n')
      .find((line) => line.startsWith('{'))!,
  ) as ReadyLine
  const env = { TRACELOG_TOKEN: token, TZ: 'UTC' }
  await vi.waitFor(
    async () => {
      const { out } = await runCli(['trace', data.traceId, '--backend', api], { env })
      expect(out).toBe((await backend.run(['trace', data.traceId])).out)
    },
    { timeout: 10_000 },
  )
  expect(readdirSync(temporary)).toHaveLength(1)
  await opened.stop()
  expect(readdirSync(temporary)).toEqual([])
})
