/** Which backend a command talks to, and what it says when there is none. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { startFakeBackend, TOKEN } from './fake-backend.ts'
import { logRow } from './rows.ts'
import { runCli } from './run-cli.ts'

const LOGS = { logs: { body: { logs: [logRow()], next_cursor: null, took_ms: 1 } } }
let data = ''
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tracelog-find-'))
})
afterEach(() => rmSync(data, { recursive: true }))

function writeReady(fields: Record<string, unknown>): void {
  const line = {
    ready: true,
    pid: process.pid,
    otlp_http: 'http://127.0.0.1:1',
    api: '',
    token: TOKEN,
    data,
    ...fields,
  }
  writeFileSync(join(data, 'backend.json'), JSON.stringify(line))
}

test('the file of a running backend gives address and token', async () => {
  await using backend = await startFakeBackend(LOGS)
  writeReady({ api: backend.url })
  const ran = await runCli(['query'], { env: { TRACELOG_DATA: data, TRACELOG_TOKEN: '' } })
  expect(ran.code).toBe(0)
})

test('--data stands above TRACELOG_DATA, and XDG_STATE_HOME below', async () => {
  await using backend = await startFakeBackend(LOGS)
  writeReady({ api: backend.url })
  expect((await runCli(['query', '--data', data], { env: { TRACELOG_DATA: '/elsewhere' } })).code).toBe(0)
  const ran = await runCli(['query'], { env: { TRACELOG_DATA: '', XDG_STATE_HOME: '/elsewhere' } })
  expect(ran.err).toContain('/elsewhere/tracelog/backend.json')
})

test('--backend and TRACELOG_BACKEND stand above the file, whose token then stays at home', async () => {
  await using other = await startFakeBackend(LOGS)
  writeReady({ api: 'http://127.0.0.1:9', token: 'secret of the file' })
  const env = { TRACELOG_DATA: data, TRACELOG_TOKEN: '' }
  await runCli(['query', '--backend', other.url], { env })
  await runCli(['query'], { env: { ...env, TRACELOG_BACKEND: other.url } })
  expect(other.asked).toHaveLength(2)
  expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
})

test('a backend whose process is gone is not running: exit 3, and how to start one', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  writeReady({ pid, api: 'http://127.0.0.1:9' })
  const ran = await runCli(['trace'], { env: { TRACELOG_DATA: data } })
  expect(ran.code).toBe(3)
  expect(ran.err).toBe(
    `tracelog trace: no backend is running (looked for ${data}/backend.json)\n` +
      '  Start one with `npx tracelog dev`, or name one with --backend URL.\n',
  )
})

test('a URL that is none ends with 2 and names where it came from', async () => {
  const byFlag = await runCli(['query', '--backend', 'nonsense'])
  expect([byFlag.code, byFlag.err]).toEqual([2, expect.stringContaining('--backend is "nonsense", but must be a URL')])
  const byEnv = await runCli(['query'], { env: { TRACELOG_BACKEND: 'ftp://x' } })
  expect([byEnv.code, byEnv.err]).toEqual([2, expect.stringContaining('TRACELOG_BACKEND is "ftp://x"')])
})
