/** `--source FILE`: query, trace and tail out of flat lines, without a backend. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, onTestFinished, test } from 'vitest'

import { startChild } from '../support/child.ts'
import { runCli } from './run-cli.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tracelog-file-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TRACE = '0af7651916cd43dd8448eb211c80319c'

/** A flat line at so many milliseconds after half past seven. */
function line(millis: number, keys: Record<string, unknown>): string {
  const timestamp = new Date(Date.UTC(2026, 10, 21, 7, 30, 0, millis)).toISOString()
  return `${JSON.stringify({ timestamp, service: 'api', level: 'INFO', message: keys['event'], ...keys })}\n`
}

const REQUEST = { trace_id: TRACE, trace_flags: '01', method: 'GET', path: '/api/cart', status: 500 }
const OLDER = line(0, { message: 'started' })
const LINES =
  line(20, {
    trace_id: TRACE,
    span_id: '00f067aa0ba902b7',
    level: 'ERROR',
    message: 'it failed',
    error_type: 'TypeError',
    error_message: 'cart is undefined',
  }) +
  line(30, {
    ...REQUEST,
    span_id: '00f067aa0ba902b7',
    parent_span_id: 'b7ad6b7169203331',
    event: 'tracelog.http.server.end',
    component: 'http_server',
    response_time_ms: 25,
    error_type: '500',
  }) +
  line(32, {
    ...REQUEST,
    span_id: 'b7ad6b7169203331',
    service: 'nginx',
    event: 'tracelog.lb.end',
    component: 'load_balancer',
    response_time_ms: 30,
    upstream: '127.0.0.1:3000',
    error_type: '500',
  })

const ALL = join(folder, 'all.jsonl')
writeFileSync(`${ALL}.1`, OLDER)
writeFileSync(ALL, LINES)

test('query finds records in the file and those that it was rotated to, oldest first', async () => {
  const { code, out } = await runCli(['query', '--source', ALL, '--json'])
  expect(code).toBe(0)
  expect(
    out
      .trim()
      .split('\n')
      .map((text) => (JSON.parse(text) as { message: string }).message),
  ).toEqual(['started', 'it failed', 'tracelog.http.server.end', 'tracelog.lb.end'])
  const found = await runCli(['query', '--source', 'all.jsonl', 'status>=500 component:load_balancer'], { cwd: folder })
  expect(found.out).toMatch(/nginx +I GET \/api\/cart 500 .*upstream=127\.0\.0\.1:3000/)
})

test('trace makes a tree of records alone; without an id, of the newest failed request', async () => {
  const tree = await runCli(['trace', '--source', ALL, TRACE.slice(0, 8), '--json'])
  expect(JSON.parse(tree.out)).toMatchObject({
    trace_id: TRACE,
    outcome: 'error',
    services: ['nginx', 'api'],
    rows: [
      { kind: 'span', depth: 0, service: 'nginx', component: 'load_balancer', inferred: true },
      { kind: 'span', depth: 1, service: 'api', component: 'http_server', inferred: true },
      { kind: 'log', depth: 2, message: 'it failed' },
    ],
  })
  expect((await runCli(['trace'], { env: { TRACELOG_SOURCE: ALL } })).out).toContain(
    'TypeError: cart is undefined in api',
  )
})

test('tree makes tasks of records alone', async () => {
  const path = join(folder, 'tasks.jsonl')
  const of = (span: string, task_path: string): Record<string, unknown> => ({
    trace_id: TRACE,
    span_id: span,
    task_path,
  })
  const ended = { event: 'tracelog.task.end', 'tracelog.task.status': 'succeeded' }
  const [outer, inner] = ['00f067aa0ba902b7', 'b7ad6b7169203331']
  writeFileSync(
    path,
    line(9, { ...of(outer, '3'), ...ended, message: 'import', elapsed_ms: 9, 'tracelog.task.last': 3 }) +
      line(5, { ...of(inner, '2/3'), ...ended, message: '7 rows', elapsed_ms: 4, 'tracelog.task.last': 3 }) +
      line(1, { ...of(inner, '2/1'), event: 'tracelog.task.start', task: 'read' }) +
      line(0, { ...of(outer, '1'), event: 'tracelog.task.start', task: 'import' }),
  )
  const text = await runCli(['tree', '--source', path, TRACE.slice(0, 8)])
  expect(text.out.split('\n')).toEqual([
    '✔ import          9.0 ms  api',
    '└ ✔ read: 7 rows  4.0 ms  api   incomplete: 1 missing',
    '',
  ])
  const json = await runCli(['tree', '--source', path, TRACE, '--json'])
  expect(JSON.parse(json.out)).toMatchObject({
    trace_id: TRACE,
    nodes: [
      { depth: 0, outcome: 'succeeded', row: { task: { goal: 'import', missing: 0 } } },
      {
        depth: 1,
        outcome: 'succeeded',
        row: { task_path: '2', task: { goal: 'read', message: '7 rows', missing: 1 } },
      },
    ],
  })
})

test('tail shows what was there and what is written', async () => {
  const path = join(folder, 'growing.jsonl')
  writeFileSync(path, LINES)
  const child = startChild(CLI, {
    preload: 'none',
    args: ['tail', '--source', path, '--lines', '1', '--count', '2', '--json'],
  })
  onTestFinished(() => child.kill('SIGKILL'))
  await child.prints('tracelog.lb.end')
  appendFileSync(path, line(40, { message: 'new' }))
  const { code, stdout } = await child.ended
  expect(code).toBe(0)
  expect(
    stdout
      .trim()
      .split('\n')
      .map((text) => (JSON.parse(text) as { message: string }).message),
  ).toEqual(['tracelog.lb.end', 'new'])
})

test('a file that is not there, and what files cannot answer, are said', async () => {
  expect(await runCli(['query', '--source', '/nonexistent.jsonl'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('a file that is there'),
  })
  expect(await runCli(['sql', '--source', ALL, 'select 1'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('not supported by this source'),
  })
})
