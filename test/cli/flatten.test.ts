import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, describe, expect, test } from 'vitest'

import { logsToJson } from '../../src/model/otlp-json.ts'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'tracelog-flatten-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** One line of the Collector's file. */
function request(...bodies: readonly string[]): string {
  const records = bodies.map((body, n) => ({
    timeUnixNano: 1_726_151_722_001_000_000n + BigInt(n),
    observedTimeUnixNano: 0n,
    severityNumber: 9,
    severityText: '',
    eventName: '',
    body,
    attributes: {},
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }))
  const resource = { attributes: { 'service.name': 'web' } }
  return `${JSON.stringify(logsToJson([{ resource, scopes: [{ scope: { name: '', version: '' }, records }] }]))}\n`
}

function flat(...bodies: readonly string[]): string {
  return bodies
    .map((body) => `{"timestamp":"2024-09-12T14:35:22.001Z","service":"web","level":"INFO","message":"${body}"}\n`)
    .join('')
}

/** @returns the file's path */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

test('standard input, files in their order, a file of that name twice', async () => {
  expect(await runCli(['flatten'], { in: request('a', 'b') })).toEqual({ code: 0, out: flat('a', 'b'), err: '' })
  const [one, two] = [file('one.jsonl', request('1')), file('two.jsonl.gz', gzipSync(request('2')))]
  expect((await runCli(['flatten', two, one, '-', two], { in: request('3') })).out).toBe(flat('2', '1', '3'))
})

test('the files that it was rotated to come first; not with --alone, and not twice when they are named too', async () => {
  const current = file('logs.jsonl', request('3'))
  const older = file('logs-2026-11-21T07-30-01.000.jsonl', request('2'))
  file('logs-2026-11-21T07-30-00.000.jsonl.gz', gzipSync(request('1')))
  expect((await runCli(['flatten', 'logs.jsonl'], { cwd: folder })).out).toBe(flat('1', '2', '3'))
  expect((await runCli(['flatten', '--alone', current])).out).toBe(flat('3'))
  expect((await runCli(['flatten', older, current])).out).toBe(flat('2', '1', '3'))
})

describe('what cannot be read', () => {
  test('is told with file and line, counted, and nothing else is lost', async () => {
    const path = file(
      'bad.jsonl',
      `${request('a')}\u001b[2Jbad\n\n${request('b')}{"resourceSpans":[]}\n${request('c')}`,
    )
    const ran = await runCli(['flatten', path, join(folder, 'none.jsonl'), file('good.jsonl', request('d'))])
    expect(ran).toMatchObject({ code: 1, out: flat('a', 'b', 'c', 'd') })
    expect(ran.err.split('\n')).toEqual([
      expect.stringMatching(/^tracelog flatten: .*bad\.jsonl:2: not JSON: Unexpected token '\\x1b'/),
      expect.stringMatching(/bad\.jsonl:5: it has no resourceLogs, but must be an OTLP logs request in JSON$/),
      expect.stringMatching(/none\.jsonl: no such file or directory$/),
      'tracelog flatten: 4 records written, 3 places could not be read',
      '',
    ])
  })

  test('is JSON with --json, with the counts at the end', async () => {
    const { code, out, err } = await runCli(['flatten', '--json'], { in: `bad\n${request('a')}` })
    expect({ code, out }).toEqual({ code: 1, out: flat('a') })
    expect(
      err
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { error: { place: 'standard input:1', message: expect.stringContaining('not JSON') } },
      { records: 1, duplicates: 0, unfinished: 0, problems: 1 },
    ])
  })

  test('many are counted, not all told', async () => {
    const { err } = await runCli(['flatten'], { in: 'bad\n'.repeat(1_000) })
    expect(err.split('\n')).toHaveLength(23)
    expect(err).toContain('0 records written, 1000 places could not be read')
  })

  test('is no last line that its writer is not done with', async () => {
    const ran = await runCli(['flatten'], { in: request('a') + request('b').slice(0, 50) })
    expect(ran).toMatchObject({ code: 0, out: flat('a'), err: expect.stringContaining('not finished yet') })
    expect((await runCli(['flatten'], { in: request('a').trimEnd() })).out).toBe(flat('a'))
  })
})

test('--output writes a file, emptied first, and never one of those that are read', async () => {
  const [input, output] = [file('in.jsonl', request('a')), file('out.jsonl', 'old\n')]
  expect(await runCli(['flatten', input, '--output', output])).toEqual({ code: 0, out: '', err: '' })
  expect(readFileSync(output, 'utf8')).toBe(flat('a'))
  const same = await runCli(['flatten', input, '-o', join(folder, '.', 'in.jsonl')])
  expect(same).toMatchObject({ code: 2, err: expect.stringContaining('must not be a file that is read') })
  expect(readFileSync(input, 'utf8')).toBe(request('a'))
  expect((await runCli(['flatten', '-o', '/nonexistent/x'])).code).toBe(2)
})

test('keys: --line and --time-ns', async () => {
  const { out } = await runCli(['flatten', '--line', 'minimal', '--time-ns'], { in: request('a') })
  expect(JSON.parse(out)).toMatchObject({ time_ns: '1726151722001000000', message: 'a' })
  expect((await runCli(['flatten', '--line', 'all'])).code).toBe(2)
})

test('--follow needs one file', async () => {
  expect(await runCli(['flatten', '--follow'])).toMatchObject({ code: 2, err: expect.stringContaining('--follow') })
  expect((await runCli(['flatten', '--follow', 'a', 'b'])).code).toBe(2)
})

test.skipIf(!existsSync('/dev/full'))('a full disk is a fault of the output, said once, and ends it', async () => {
  const { code, out, err } = await runCli(['flatten', '-o', '/dev/full', '-'], { in: request('a') })
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err.split('\n')[0]).toBe(
    'tracelog flatten: --output is "/dev/full", but must be a file that can be written (ENOSPC)',
  )
})
