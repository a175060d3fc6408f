import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { fixture, REGISTER, runChild, startChild, type ChildOptions } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

function run(program: string, options: ChildOptions = {}) {
  return runChild(program, { ...options, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...options.env } })
}

test('twice is harmless', async () => {
  const ended = await run('preload/hello.cjs', { nodeArgs: ['--require', REGISTER] })
  expect(ended).toMatchObject({ code: 0, stdout: 'true', stderr: '' })
  expect(receiver.receivedLogs).toHaveLength(1)
})

test('OTEL_SDK_DISABLED=true starts nothing', async () => {
  expect(await run('preload/hello.cjs', { env: { OTEL_SDK_DISABLED: 'true' } })).toMatchObject({
    stdout: 'false',
    stderr: '',
  })
  expect(receiver.requests).toHaveLength(0)
})

test('a wrong setting is one line on stderr, and the default', async () => {
  const ended = await run('preload/hello.cjs', { env: { TRACELOG_WORKER: 'maybe', OTEL_TRACES_SAMPLER: 'dice' } })
  expect(ended.code).toBe(0)
  expect(ended.stderr.split('\n').filter((line) => line !== '')).toHaveLength(2)
  expect(ended.stderr).toContain(
    'tracelog: TRACELOG_WORKER is "maybe", but must be one of on, off; using the default\n',
  )
  expect(receiver.receivedLogs).toHaveLength(1)
})

describe('in programs that are not the application nothing is started', () => {
  test.each(['npm-cli.js', 'npx-cli.js', 'yarn.js', 'pnpm.cjs', 'corepack.js', 'tsc', 'tracelog'])(
    '%s',
    async (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'tracelog-bystander-'))
      mkdirSync(join(folder, 'bin'))
      writeFileSync(join(folder, 'package.json'), '{}')
      symlinkSync(join(REGISTER, '../../node_modules'), join(folder, 'node_modules'))
      copyFileSync(fixture('preload/hello.cjs'), join(folder, 'bin', name))
      expect(await run(join(folder, 'bin', name), { cwd: folder })).toMatchObject({
        stdout: 'false',
        stderr: '',
        code: 0,
      })
      rmSync(folder, { recursive: true })
    },
  )

  test.each(['lib/Daemon.js', 'bin/pm2', 'bin/pm2-runtime'])("pm2's own %s, and not what it keeps", async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-pm2-'))
    const pm2 = join(folder, 'node_modules/pm2')
    mkdirSync(join(pm2, 'lib'), { recursive: true })
    mkdirSync(join(pm2, 'bin'))
    writeFileSync(join(pm2, 'package.json'), '{}')
    symlinkSync(join(REGISTER, '../../node_modules/@opentelemetry'), join(folder, 'node_modules/@opentelemetry'))
    for (const file of [name, 'lib/ProcessContainer.js']) copyFileSync(fixture('preload/hello.cjs'), join(pm2, file))
    expect(await run(join(pm2, name), { cwd: folder })).toMatchObject({ stdout: 'false', code: 0 })
    expect(await run(join(pm2, 'lib/ProcessContainer.js'), { cwd: folder })).toMatchObject({ stdout: 'true', code: 0 })
    rmSync(folder, { recursive: true })
  })

  test("threads of pino's transports, but not those of the application", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-threads-'))
    const path = join(folder, 'node_modules/thread-stream/lib/worker.js')
    mkdirSync(join(path, '..'), { recursive: true })
    copyFileSync(fixture('preload/thread.cjs'), path)
    const said = { stderr: '', code: 0 }
    expect(await run('preload/threads.cjs', { args: [path] })).toMatchObject({ ...said, stdout: 'foreign thread' })
    expect(await run('preload/threads.cjs')).toMatchObject({ ...said, stdout: 'running' })
    rmSync(folder, { recursive: true })
  })
})

test.each([{}, { TRACELOG_WORKER: 'off' }])(
  'the process is not held, and our own requests leave no spans (%o)',
  async (env) => {
    const ended = await run('preload/chatty.cjs', { env })
    expect(ended.code).toBe(0)
    expect(ended.stderr).toBe('')
    expect(receiver.requests.length).toBeGreaterThan(2)
    expect(receiver.receivedSpans.map(({ span }) => span.name)).toEqual(['outer'])
    const inSpan = receiver.receivedLogs.find((log) => log.record.body === 'in span')
    expect(inSpan?.record).toMatchObject({ traceId: receiver.receivedSpans[0]?.span.traceId })
    const seqs = receiver.receivedLogs
      .map((log) => Number(log.record.attributes['tracelog.seq']))
      .toSorted((a, b) => a - b)
    expect(seqs).toEqual(seqs.map((_, i) => i))
  },
)

test('a server ends on SIGTERM as without us, and its last request arrives', async () => {
  const child = startChild('preload/server.cjs', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })
  await child.prints('\n')
  const response = await fetch(`http://127.0.0.1:${child.stdout().trim()}/cart?token=abc`)
  expect(await response.text()).toBe('ok')
  child.kill('SIGTERM')
  expect(await child.ended).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' })
  const served = receiver.receivedSpans.filter(({ span }) => span.kind === 2)
  expect(served).toHaveLength(1)
  expect(served[0]?.span.attributes).toMatchObject({ 'url.path': '/cart', 'url.query': 'token=[redacted]' })
})

test('TRACELOG_DEBUG=1 says in one line what runs, and no secret, and at the end what became of the records', async () => {
  const ended = await run('preload/hello.cjs', {
    env: {
      TRACELOG_DEBUG: '1',
      TRACELOG_LEVEL: 'info',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'zstd',
    },
  })
  const [line = '', ...rest] = ended.stderr.split('\n').filter((text) => text !== '')
  expect(rest).toEqual([
    'tracelog: logs to otlp: 1 emitted = 1 delivered + 0 spooled + 0 queued + 0 dropped; endpoint up',
  ])
  expect(line.startsWith('tracelog: {')).toBe(true)
  expect(line).not.toContain('hunter2')
  expect(JSON.parse(line.slice('tracelog: '.length))).toMatchObject({
    service: '@org/tracelog',
    settings: {
      TRACELOG_LEVEL: { value: 'info', source: 'environment' },
      OTEL_EXPORTER_OTLP_HEADERS: { value: '[redacted]', source: 'environment' },
    },
    endpoints: {
      logs: { url: receiver.url, protocol: 'http/protobuf', compression: 'none', timeout_ms: 10_000 },
      traces: { protocol: 'grpc', compression: 'zstd' },
    },
    recorder: {
      mode: 'auto',
      level: 'trace',
      dump: { level: 'error', status: ['500-599'] },
      ways: { answer: true, request: true, late: 'awaited' },
      trusted_peers: ['loopback'],
    },
  })
})

test('OTEL_LOGS_EXPORTER=console writes readable lines, and nothing else is sent', async () => {
  const ended = await run('preload/hello.cjs', { env: { OTEL_LOGS_EXPORTER: 'console', OTEL_TRACES_EXPORTER: 'none' } })
  expect(ended.stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {2}hello \[app\]\ntrue$/)
  expect(receiver.requests).toHaveLength(0)
})

test('the resource says who emits', async () => {
  await run('preload/hello.cjs', { env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,team=a' } })
  expect(receiver.receivedLogs[0]?.resource).toMatchObject({
    'service.name': 'shop',
    team: 'a',
    'telemetry.distro.name': 'tracelog',
    'telemetry.sdk.language': 'nodejs',
    'process.runtime.name': 'nodejs',
  })
  expect(receiver.receivedLogs[0]?.resource['service.instance.id']).toMatch(/^[\da-f-]{36}$/)
})
