/** The demo end to end: every process real, every hop, id and line counted by the demo itself. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { requireProgram, requirePs } from '../../support/require.ts'
import { runCli } from '../run-cli.ts'

const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))
/** Starting ten processes on a busy machine takes its time. */
const PATIENT = 180_000

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The demo in a temporary folder of its own, so that what it leaves behind can be seen. */
async function runDemo(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended & { left: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-demo-test-'))
  const child = spawn(process.execPath, [CLI, 'demo', '--from-checkout', ...args], {
    env: { ...process.env, TMPDIR: folder, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  const left = readdirSync(folder)
  rmSync(folder, { recursive: true })
  return { code, out, err, left }
}

/** Programs of the demo that are still there: each has the folder of its programs in its command line. */
function survivors(marker: string): string {
  const { stdout } = spawnSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((line) => line.includes(marker) && !line.startsWith('Z'))
    .join('\n')
}

async function expectWholeDemo(): Promise<void> {
  const { code, out, err, left } = await runDemo(['--once', '--requests', '80'])
  expect({ code, out, err }).toMatchObject({ code: 0, err: '' })
  expect(out).toContain('redis-server')
  expect(out).toMatch(/GET \/api\/carts\/guest-\d+ → 500 in [\d.]+ ms/)
  expect(out).toMatch(/load-balancer +▾ GET \/api\/carts\/guest-\d+ {2}500 {2}→ 127\.0\.0\.1:\d+/)
  expect(out).toMatch(/api +│ .*E request failed {2}TypeError: /)
  expect(out).toMatch(/at totalOf \(dist\/demo\/api-server\.js:\d+:\d+\)/)
  expect(out).toContain('node dist/cli.js tail --data')
  expect(out).toContain('With --once the demo has ended')
  expect(left).toEqual([])
}

requireProgram('redis-server')(
  'with redis-server: nothing is missing, the failed request is shown, nothing is left behind',
  expectWholeDemo,
  PATIENT,
)

test(
  'without redis-server: its own cache serves, and the counts are those of the requests',
  async () => {
    const { code, out, err } = await runDemo(['--once', '--json', '--requests', '60'], { PATH: '/nonexistent' })
    expect({ code, out, err }).toMatchObject({ code: 0, err: expect.stringContaining('no redis-server installed') })
    const result = JSON.parse(out) as Record<string, unknown>
    expect(result).toMatchObject({ ok: true, requests: 120, loadBalancerHops: 120, serverHops: 120, problems: [] })
  },
  PATIENT,
)

test(
  '--fail: the debug lines of the one request that failed, of both services, are in its tree; an order is a tree of goals',
  async () => {
    const { code, out, err, left } = await runDemo(['--fail', '--once'])
    expect({ code, out, err }).toMatchObject({ code: 0, err: '' })
    expect(out).toMatch(/GET \/api\/carts\/guest-1 → 500 in [\d.]+ ms/)
    expect(out).toMatch(/load-balancer +│ D whose turn is it .* recovered\n/)
    expect(out).toMatch(/api +│ │ D asking the cache .* recovered\n/)
    expect(out).toContain('4 of them recovered')
    expect(out).toMatch(/^✖ order of 2 items: the shop said 500 .* order$/m)
    expect(out).toMatch(/^├ ✔ reserve product 3 /m)
    expect(out).toMatch(/^└ ✖ add up the cart: the shop said 500 /m)
    expect(out).toMatch(/^ {4}└ ✖ GET \/api\/carts\/guest-2 500: TypeError: .* api +3 recovered lines$/m)
    expect(left).toEqual([])
    expect(await runCli(['demo', '--fail', '--requests', '60'])).toMatchObject({ code: 2, out: '' })
  },
  PATIENT,
)

test(
  'the call that it prints shows the lines of the load balancer and of the API server, those below the level too',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-demo-test-'))
    const child = spawn(process.execPath, [CLI, 'demo', '--from-checkout', '--requests', '60'], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    await expect.poll(() => out, { timeout: PATIENT }).toContain('Ctrl-C ends the demo.')
    const [, key, base, url] = /TRACELOG_RETURN_KEY=(\S+) .* call --streams (\S+) (\S+)/.exec(out) ?? []
    const called = spawnSync(process.execPath, [CLI, 'call', '--streams', base!, url!], {
      env: { ...process.env, TRACELOG_RETURN_KEY: key },
      encoding: 'utf8',
    })
    child.kill('SIGINT')
    await once(child, 'close')
    rmSync(folder, { recursive: true, force: true })
    expect(called.stdout).toBe('{"error":"internal error"}')
    expect(called.stderr).toMatch(/ load-balancer +D whose turn is it /)
    expect(called.stderr).toMatch(/ api +D asking the cache /)
    expect(called.stderr).toMatch(/ api +E request failed {2}TypeError: /)
  },
  PATIENT,
)

for (const balancer of ['nginx', 'haproxy']) {
  requireProgram(balancer)(
    `behind ${balancer}: every hop is there, what it tried again too, and nothing is left behind`,
    async () => {
      const { code, out, err, left } = await runDemo(['--once', '--requests', '60', '--lb', balancer])
      expect({ code, out, err }).toMatchObject({ code: 0, err: '' })
      expect(out).toMatch(new RegExp(`load balancer +http://127\\.0\\.0\\.1:\\d+ \\(${balancer} [\\d.]+\\)`))
      expect(out).toContain('120 load balancer hops, 120 server hops')
      expect(out).toMatch(new RegExp(`${balancer} +▾ GET /api/carts/guest-\\d+ {2}500 {2}→ .*127\\.0\\.0\\.1:\\d+`))
      expect(left).toEqual([])
    },
    PATIENT,
  )
}

test('--lb names what is not installed, and the command that installs it', async () => {
  const missing = await runCli(['demo', '--lb', 'nginx'], { env: { PATH: '/nonexistent' } })
  expect(missing).toMatchObject({ code: 2, out: '', err: expect.stringContaining('apt-get install -y nginx') })
  expect(await runCli(['demo', '--lb', 'iis'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('nginx, haproxy'),
  })
})

requirePs.for([
  { args: [], code: 0 },
  { args: ['--once'], code: 1 },
])(
  'Ctrl-C in the middle of it ends every process and removes the folder: $args',
  { timeout: PATIENT },
  async ({ args, code }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-demo-test-'))
    const child = spawn(process.execPath, [CLI, 'demo', '--from-checkout', ...args], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    await expect.poll(() => out, { timeout: 60_000 }).toContain('load balancer')
    expect(survivors(folder)).not.toBe('')
    child.kill('SIGINT')
    expect(await once(child, 'close')).toEqual([code, null])
    expect(out).not.toContain('failed')
    expect(survivors(folder)).toBe('')
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
  },
)
