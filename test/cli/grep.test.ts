import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, describe, expect, onTestFinished, test } from 'vitest'

import { startChild } from '../support/child.ts'
import { runCli } from './run-cli.ts'

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tracelog-grep-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TRACE = '0af7651916cd43dd8448eb211c80319c'

/** A flat line. */
function line(second: number, keys: Record<string, unknown>): string {
  return JSON.stringify({
    timestamp: `2026-11-21T07:30:0${second}.000Z`,
    service: 'api',
    level: 'INFO',
    message: 'x',
    ...keys,
  })
}

const LINES = [
  line(1, { trace_id: TRACE, message: 'cart asked for', user: 7 }),
  line(2, { trace_id: 'abc123xyz', level: 'WARN', message: 'Upstream timeout', 'http.target': '/a' }),
  line(3, {
    level: 'ERROR',
    service: 'web',
    message: 'failed',
    status: 503,
    path: '/api/cart',
    response_time_ms: 1200,
  }),
  line(4, { trace_id: TRACE, event: 'tracelog.cache.end', cache_hit: false }),
]

/** @returns the file's path */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const ALL = file('all.jsonl', `${LINES.join('\n')}\n`)

/** Numbers of the lines found. */
async function found(...argv: string[]): Promise<number[]> {
  const { out } = await runCli(['grep', '--json', ...argv])
  return out
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => LINES.indexOf(text) + 1)
}

describe('the query', () => {
  test.each([
    ['timeout', [2]],
    ['level>=warn', [2, 3]],
    ['service:web status>=500 took>1s', [3]],
    ['path:/api/*', [3]],
    ['http.target:/a', [2]],
    ['user:7 OR failed', [1, 3]],
    ['-level:info', [2, 3]],
    ['-cache_hit:true', [1, 2, 3, 4]],
    ['cache_hit:false', [4]],
    ['since:2026-11-21T07:30:02Z until:2026-11-21T07:30:04Z', [2, 3]],
    ['', [1, 2, 3, 4]],
  ])('%s', async (query, numbers) => {
    expect(await found(query, ALL)).toEqual(numbers)
  })

  test.each([
    [
      ['--trace', TRACE],
      [1, 4],
    ],
    [
      ['--trace', '0af76519'],
      [1, 4],
    ],
    [
      ['--trace', '0AF76519-16cd-43dd-8448-eb211c80319c'],
      [1, 4],
    ],
    [['--trace', 'abc123xyz'], [2]],
    [['--trace', TRACE, '--query', 'cart'], [1]],
    [
      ['--level', 'warn'],
      [2, 3],
    ],
    [['--service', 'web'], [3]],
    [['--level', 'warn', '-e', 'timeout OR failed', '--until', '2026-11-21T07:30:03Z'], [2]],
    [
      ['--since', '2026-11-21T07:30:03Z'],
      [3, 4],
    ],
  ])('%j', async (flags, numbers) => {
    expect(await found(...flags, ALL)).toEqual(numbers)
  })

  test('a wrong one is pointed at; none at all is wrong usage', async () => {
    const wrong = await runCli(['grep', 'status>>500', ALL])
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain('  status>>500\n         ^')
    expect((await runCli(['grep'])).code).toBe(2)
    expect(await runCli(['grep', '--level', 'loud', ALL])).toMatchObject({
      code: 2,
      err: expect.stringContaining('a level'),
    })
  })
})

test('what is printed: the line as it is with --json, else as `tracelog query` prints it', async () => {
  expect((await runCli(['grep', '--json', 'timeout', ALL])).out).toBe(`${LINES[1]}\n`)
  const { code, out, err } = await runCli(['grep', 'timeout', ALL])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^\d\d:30:02\.000 api {6}W Upstream timeout {2}http\.target=\/a/)
})

test('nothing found is 1; --count and --limit', async () => {
  expect(await runCli(['grep', 'nowhere', ALL])).toEqual({ code: 1, out: '', err: 'tracelog grep: nothing found\n' })
  expect(await runCli(['grep', '--count', 'level:info', ALL])).toEqual({ code: 0, out: '2\n', err: '' })
  expect(await runCli(['grep', '-c', 'nowhere', ALL])).toEqual({ code: 1, out: '0\n', err: '' })
  expect(await found('', ALL, '--limit', '3')).toEqual([1, 2, 3])
})

test('files of every kind: rotated, packed, standard input, of the Collector, of other programs', async () => {
  const path = file('log.jsonl', `${LINES[3]}\n`)
  file('log.jsonl.1', `${LINES[2]}\n`)
  file('log.jsonl.2.gz', gzipSync(`${LINES[0]}\n${LINES[1]}\n`))
  expect(await found('', path)).toEqual([1, 2, 3, 4])
  expect(await found('', '--alone', path)).toEqual([4])

  const request = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] },
        scopeLogs: [
          {
            logRecords: [
              { severityNumber: 17, body: { stringValue: 'of the Collector' } },
              { body: { stringValue: 'other' } },
            ],
          },
        ],
      },
    ],
  }
  const pino = '{"level":"error","time":1763710200000,"message":"of pino"}'
  const input = `plain text\n${pino}\n${JSON.stringify(request)}\nERROR plain\n{"half":`
  const ran = await runCli(['grep', '--json', 'of OR plain'], { in: input })
  expect(ran.out.split('\n')).toEqual([
    '{"message":"plain text"}',
    pino,
    expect.stringContaining('"service":"web","level":"ERROR","message":"of the Collector"'),
    '{"level":"ERROR","message":"plain"}',
    '',
  ])
  expect((await runCli(['grep', '--count', '--since', '2025-11-21T00:00:00Z'], { in: input })).out).toBe('1\n')
})

test('what cannot be read is told, the rest is searched', async () => {
  const ran = await runCli(['grep', '--json', 'timeout', join(folder, 'none.jsonl'), ALL])
  expect(ran).toMatchObject({ code: 1, out: `${LINES[1]}\n`, err: expect.stringMatching(/none\.jsonl.*no such file/) })
})

test('control characters never reach the terminal', async () => {
  const { out } = await runCli(['grep', 'evil'], { in: 'evil \u001b[2J\n' })
  expect(out).toContain('evil \\x1b[2J')
})

test('--follow shows what is written later', async () => {
  const path = file('growing.jsonl', `${LINES[0]}\n`)
  const child = startChild(CLI, { preload: 'none', args: ['grep', '--follow', '--json', 'cart OR timeout', path] })
  onTestFinished(() => child.kill('SIGKILL'))
  await child.prints(LINES[0]!)
  writeFileSync(path, `${LINES[1]}\n`, { flag: 'a' })
  await child.prints(LINES[1]!)
  child.kill('SIGINT')
  expect(await child.ended).toMatchObject({ code: 0, stderr: '', stdout: `${LINES[0]}\n${LINES[1]}\n` })
})

test('lines of other programs are found by level, time, service and trace, and by any word in them', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const input = [
    `{"level":50,"time":1763710200000,"pid":1,"hostname":"h","name":"shop","trace_id":"${trace}","err":{"message":"connect ECONNREFUSED"},"msg":"failed"}`,
    `time=2025-11-21T07:30:01Z level=error service=mail msg=lost trace_id=${trace}`,
    `2025-11-21T07:30:02Z stdout P level=error msg="cut ${trace.slice(0, 10)}`,
    `2025-11-21T07:30:03Z stdout F in two" trace_id=${trace}`,
    'level=info msg=fine',
    'Nov 21 07:30:04 h shop[1]: plain ECONNREFUSED',
  ].join('\n')
  const count = async (...argv: string[]): Promise<string> =>
    (await runCli(['grep', '--count', ...argv], { in: input })).out
  expect(await count('level>=error')).toBe('3\n')
  expect(await count('service:shop')).toBe('2\n')
  expect(await count('ECONNREFUSED')).toBe('2\n')
  expect(await count('--trace', trace)).toBe('3\n')
  expect(await count('level>=error since:2025-11-21T07:30:01Z until:2025-11-21T07:30:02Z')).toBe('1\n')
  const ran = await runCli(['grep', '--json', 'service:mail'], { in: input })
  expect(JSON.parse(ran.out)).toMatchObject({ timestamp: '2025-11-21T07:30:01.000Z', level: 'ERROR', message: 'lost' })
})

test('a file below a file is not waited for', async () => {
  const ran = await runCli(['grep', '--follow', 'x', `${import.meta.filename}/x`])
  expect(ran.code).toBe(2)
  expect(ran.err).toContain('but must be a file, and its folder is a file')
})
