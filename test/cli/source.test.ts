/**
 * `--source`: which place is asked, by flag and by environment, and what is said of wrong ones.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { startFakeLoki } from '../sources/loki/fake-loki.ts'
import { runCli } from './run-cli.ts'

const now = (): bigint => BigInt(Date.now()) * 1_000_000n

test('Loki is asked when it is named: by --source, by --loki, by the environment', async () => {
  const loki = await startFakeLoki([now()])
  const env = { TRACELOG_LOKI_URL: loki.url, TRACELOG_SOURCE_TENANT: 'shop', TRACELOG_SOURCE_HEADERS: 'x-key=a%20b' }
  for (const [argv, variables, expected] of [
    [['query', '--source', 'loki', '--json'], env, ['shop', 'a b']],
    [['query', '--loki', loki.url, '--json'], {}, [undefined, undefined]],
    [['query', '--json'], { ...env, TRACELOG_SOURCE: 'loki' }, ['shop', 'a b']],
  ] as const) {
    const { code, out, err } = await runCli(argv, { env: variables })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ message: 'line 0', service: 'api', n: '0' })
    // One command may ask several times: all alike.
    const sent = loki.asked.splice(0).map(({ headers }) => [headers['x-scope-orgid'], headers['x-key']])
    expect(new Set(sent.map(String))).toEqual(new Set([String(expected)]))
  }
})

test('what Loki cannot do is not supported by this source: exit 2', async () => {
  const env = { TRACELOG_SOURCE: 'loki' }
  for (const argv of [
    ['sql', 'select 1'],
    ['query', '--format', 'otlp'],
  ]) {
    const { code, out, err } = await runCli(argv, { env })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('is not supported by this source: loki')
  }
})

test.each([
  [['query', '--source', 'elastic'], {}, 'the source is "elastic", but must be local, loki or a file that is there'],
  [['query', '--source', '/'], {}, 'the source is "/", but must be local, loki or a file that is there'],
  [['query', '--loki', 'localhost:3100'], {}, '--loki is "localhost:3100", but must be an http:// or https:// URL'],
  [
    ['query', '--source', 'loki'],
    { TRACELOG_LOKI_URL: 'http://u:secret@x' },
    'TRACELOG_LOKI_URL is "http://x", but must be an http:// or https:// URL without user',
  ],
  [['trace', '--source', 'loki', '--tempo', 'ftp://u:secret@x'], {}, '--tempo is "ftp://x", but must be'],
  [['trace', '--source', 'loki', 'short'], {}, 'at least the first 8\n  Take the id from a line of'],
  [['stack', 'check', '--loki', 'ftp://u:secret@x'], {}, '--loki is "ftp://x", but must be'],
  [['stack', 'check', '--tenant', 'a b'], {}, '--tenant is "a b", but must be at most 150 printable ASCII'],
  [
    ['lb-spans'],
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://u:secret@x' },
    'OTEL_EXPORTER_OTLP_ENDPOINT is "ftp://x", but must be',
  ],
  [['query', '--source', 'loki'], { TRACELOG_SOURCE_TENANT: 'a b' }, 'TRACELOG_SOURCE_TENANT is "a b", but must be'],
])('%j with %j is wrong usage', async (argv, env, message) => {
  const { code, err } = await runCli(argv, { env })
  expect(code).toBe(2)
  expect(err).toContain(message)
  expect(err).not.toContain('secret')
})

test('a query that does not parse is pointed at, without asking Loki', async () => {
  const { code, err } = await runCli(['query', '--source', 'loki', '--loki', 'http://127.0.0.1:1', 'status>=many'])
  expect(code).toBe(2)
  expect(err).toContain('status>=many\n          ^')
})

test('without an address, Loki is where docker compose publishes it: by the environment, by .env beside its files', async () => {
  const loki = await startFakeLoki([now()])
  const { port } = new URL(loki.url)
  const cwd = mkdtempSync(join(tmpdir(), 'tracelog-source-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const ofEnvironment = await runCli(['query', '--source', 'loki'], { env: { TRACELOG_PORT_LOKI: port }, cwd })
  writeFileSync(join(cwd, '.env'), `TRACELOG_PORT_LOKI=${port}\n`)
  const ofFile = await runCli(['query', '--source', 'loki'], { cwd })
  expect(ofEnvironment).toMatchObject({ code: 0, out: expect.stringContaining('line 0') as string })
  expect(ofFile).toEqual(ofEnvironment)
})

test('a Loki that is not there: exit 3', async () => {
  const { code, err } = await runCli(['query', '--loki', 'http://127.0.0.1:1'])
  expect(code).toBe(3)
  expect(err).toContain('Loki at http://127.0.0.1:1 does not answer')
  expect(err).toContain('--loki URL')
})
