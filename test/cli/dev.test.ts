/** `tracelog dev` as a real process, and the other commands against it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ReadyLine } from '../../src/cli/find-backend.ts'
import type { LogRow, TraceTree } from '../../src/model/api.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const PORTS = ['--otlp-http', '0', '--otlp-grpc', '0', '--api', '0']
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}
interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  /** The first line of standard output. */
  readonly line: Promise<string>
}

/** A test that fails half-way must not leave its processes behind. */
const alive = new Set<ChildProcess>()
afterAll(() => {
  for (const child of alive) child.kill('SIGKILL')
})

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:OTEL_|TRACELOG_|NODE_OPTIONS$|VITEST)/.test(name),
  )
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...Object.fromEntries(inherited), TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  alive.add(child)
  child.once('close', () => alive.delete(child))
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const ended: Promise<Ended> = once(child, 'close').then(([code, signal]) => ({ code, signal, out, err }))
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text))
  return { process: child, ended, line }
}

const run = (args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> => start(args, env).ended

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'tracelog-dev-'))
}

async function startDev(data: string, args: readonly string[] = []): Promise<Running & { ready: ReadyLine }> {
  const running = start(['dev', '--json', '--data', data, ...PORTS, ...args])
  const failed = running.ended.then(({ err }) => Promise.reject(new Error(err)))
  const ready = JSON.parse(await Promise.race([running.line, failed])) as ReadyLine
  failed.catch(() => {})
  return { ...running, ready }
}

interface Sent {
  readonly body: string
  readonly severity?: number
  readonly attributes?: Readonly<Record<string, string>>
}

function attributes(map: Readonly<Record<string, string>> = {}): unknown {
  return Object.entries(map).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

/** Records of one request in the service `shop`. */
async function send({ otlp_http: endpoint }: ReadyLine, records: readonly Sent[]): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n
  const logRecords = records.map(({ body, severity = 9, attributes: map }, i) => ({
    timeUnixNano: String(now + BigInt(i)),
    severityNumber: severity,
    body: { stringValue: body },
    traceId: TRACE,
    spanId: '00f067aa0ba902b7',
    attributes: attributes(map),
  }))
  const resource = { attributes: attributes({ 'service.name': 'shop' }) }
  const response = await fetch(`${endpoint}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'test' }, logRecords }] }] }),
  })
  expect(response.status).toBe(200)
}

/** One served request as its hop's completion record, and no span. */
async function sendRequest({ otlp_http: endpoint }: ReadyLine, traceId: string, status: number): Promise<void> {
  const record = {
    timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
    severityNumber: status >= 500 ? 17 : 9,
    eventName: 'tracelog.http.server.end',
    traceId,
    spanId: traceId.slice(0, 16),
    body: { stringValue: `GET /x ${status}` },
    attributes: [
      ...(attributes({ 'http.request.method': 'GET', 'url.path': '/x' }) as unknown[]),
      { key: 'http.response.status_code', value: { intValue: String(status) } },
      { key: 'tracelog.response_time_ms', value: { doubleValue: 2.5 } },
    ],
  }
  const resource = { attributes: attributes({ 'service.name': 'later' }) }
  const response = await fetch(`${endpoint}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'test' }, logRecords: [record] }] }],
    }),
  })
  expect(response.status).toBe(200)
}

describe('tracelog dev', () => {
  test('prints exactly one line when it is ready, and leaves the same in backend.json until it ends with 0', async () => {
    const data = temporary()
    const dev = await startDev(data)
    expect(Object.keys(dev.ready)).toEqual(['ready', 'pid', 'otlp_http', 'otlp_grpc', 'api', 'token', 'data'])
    expect(dev.ready).toMatchObject({ ready: true, pid: dev.process.pid, data })
    const file = join(data, 'backend.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(dev.ready)
    expect([statSync(file).mode & 0o777, statSync(data).mode & 0o777]).toEqual([0o600, 0o700])
    dev.process.kill('SIGTERM')
    const { code, out, err } = await dev.ended
    expect([code, out.trim().split('\n').length, err]).toEqual([0, 1, ''])
    expect(existsSync(file)).toBe(false)
    rmSync(data, { recursive: true })
  })

  test('keeps what it has acknowledged, also through SIGINT', async () => {
    const data = temporary()
    const first = await startDev(data)
    await send(first.ready, [{ body: 'kept' }])
    first.process.kill('SIGINT')
    expect((await first.ended).code).toBe(0)
    const second = await startDev(data)
    const found = await run(['query', 'kept', '--data', data])
    expect([found.code, found.out]).toEqual([0, expect.stringContaining('kept')])
    second.process.kill('SIGTERM')
    await second.ended
    rmSync(data, { recursive: true })
  })

  test('says which process has the data directory already, and ends with 1', async () => {
    const data = temporary()
    const first = await startDev(data)
    const second = await run(['dev', '--json', '--data', data, ...PORTS])
    expect([second.code, second.out]).toEqual([1, ''])
    expect(second.err).toContain(String(first.ready.pid))
    first.process.kill('SIGTERM')
    await first.ended
    rmSync(data, { recursive: true })
  })

  test('is followed by a tail through a crash and a restart on other ports: each record once', async () => {
    const data = temporary()
    const first = await startDev(data)
    await send(first.ready, [{ body: 'before' }])
    const tail = start(['tail', '--count', '3', '--json', '--data', data])
    const isAway = new Promise<void>((resolve) => {
      tail.process.stderr?.on('data', (chunk) => String(chunk).includes('is away, waiting') && resolve())
    })
    await tail.line
    first.process.kill('SIGKILL')
    await first.ended
    await isAway
    const second = await startDev(data)
    expect(second.ready.token).toBe(first.ready.token)
    await send(second.ready, [{ body: 'while nobody looked' }, { body: 'after' }])
    const { code, out, err } = await tail.ended
    const bodies = out
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as LogRow).message)
    expect([code, bodies]).toEqual([0, ['before', 'while nobody looked', 'after']])
    expect(err).toBe('tracelog tail: the backend is away, waiting\ntracelog tail: the backend is back\n')
    second.process.kill('SIGTERM')
    await second.ended
    rmSync(data, { recursive: true })
  })

  test('names a port that is taken, and ends with 1', async () => {
    const data = temporary()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const ended = await run(['dev', '--data', data, ...PORTS.slice(2), '--otlp-http', String(port)])
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining(String(port))])
    server.close()
    rmSync(data, { recursive: true })
  })

  test.each([
    { args: ['--api', '70000'], err: '--api is "70000", but must be a whole number from 0 to 65535' },
    { args: ['--fsync', 'never'], err: '--fsync is "never", but must be one of each, interval, off' },
    { args: ['--token', 'x'], err: '--token is "[redacted]"' },
    { args: ['extra'], err: '"extra" is too much' },
  ])('ends with 2 for $args', async ({ args, err }) => {
    const ended = await run(['dev', ...args])
    expect([ended.code, ended.out]).toEqual([2, ''])
    expect(ended.err).toContain(err)
  })
})

describe('the other commands against it', () => {
  const data = temporary()
  let dev: Awaited<ReturnType<typeof startDev>>
  beforeAll(async () => {
    dev = await startDev(data)
    await send(dev.ready, [
      { body: 'first', attributes: { user: 'ann' } },
      { body: 'second', severity: 17, attributes: { 'exception.type': 'TypeError', 'exception.message': 'no cart' } },
    ])
  })
  afterAll(async () => {
    dev.process.kill('SIGTERM')
    await dev.ended
    rmSync(data, { recursive: true })
  })
  const shop = (args: readonly string[]): Promise<Ended> => run([...args, '--data', data])

  test('query finds by text, level and trace, oldest first', async () => {
    const all = await shop(['query', `trace:${TRACE}`])
    expect(all.out).toMatch(
      /^[\d:.]+ shop +I first {2}user=ann {2}4bf92f35\n[\d:.]+ shop +E second {2}TypeError: no cart {2}4bf92f35\n$/,
    )
    const json = await shop(['query', 'level>=error', 'service:shop', '--json'])
    expect((JSON.parse(json.out) as LogRow).message).toBe('second')
    expect((await shop(['query', 'absent'])).code).toBe(1)
    const wrong = await shop(['query', 'level>>error'])
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/column \d+/)])
  })

  test('trace shows the tree by the beginning of its id', async () => {
    const tree = JSON.parse((await shop(['trace', TRACE.slice(0, 8), '--json'])).out) as TraceTree
    expect(tree.trace_id).toBe(TRACE)
    expect(tree.rows.filter((row) => row.kind === 'log').map((row) => row.message)).toEqual(['first', 'second'])
    const text = await shop(['trace', TRACE])
    expect(text.out).toContain('E second  TypeError: no cart')
    expect((await shop(['trace', 'ffffffff'])).code).toBe(1)
  })

  test('trace without an id finds the newest request that failed, among later ones that did not', async () => {
    const failed = 'a'.repeat(32)
    await sendRequest(dev.ready, failed, 500)
    await sendRequest(dev.ready, 'b'.repeat(32), 200)
    expect((JSON.parse((await shop(['trace', '--json'])).out) as TraceTree).trace_id).toBe(failed)
    expect((JSON.parse((await shop(['trace', '--last', '--json'])).out) as TraceTree).trace_id).toBe('b'.repeat(32))
  })

  test('sql answers a SELECT, and refuses everything else with 2', async () => {
    const json = await shop([
      'sql',
      `select body, severity_number n from logs where service = 'shop' order by time_ns`,
      '--json',
    ])
    expect(json.out).toBe('{"body":"first","n":9}\n{"body":"second","n":17}\n')
    for (const statement of ['drop table logs', 'selec 1', 'select 1; select 2', `copy logs to '/tmp/x'`]) {
      expect((await shop(['sql', statement])).code).toBe(2)
    }
  })

  test('tail shows what was there and what arrives while it looks, by trace', async () => {
    const tail = start(['tail', '--trace', TRACE, '--count', '3', '--json', '--data', data])
    await tail.line
    await send(dev.ready, [{ body: 'third' }])
    const { code, out } = await tail.ended
    expect(code).toBe(0)
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as LogRow).message),
    ).toEqual(['first', 'second', 'third'])
  })

  test('tail ends with 0 at Ctrl-C', async () => {
    const tail = start(['tail', '--data', data])
    await tail.line
    tail.process.kill('SIGINT')
    expect(await tail.ended).toMatchObject({ code: 0, err: '' })
  })

  test('doctor sends its record and reads it back', async () => {
    const { out } = await shop(['doctor', '--json'])
    const { checks } = JSON.parse(out) as { checks: { name: string; status: string; message: string }[] }
    // The third way of the flight recorder is there where tracelog dev is.
    expect(checks.map(({ message }) => message)).toContain(
      'who had answered before hears of a failure by tracelog dev: on',
    )
    expect(
      checks.filter(({ name }) => name === 'endpoint' || name === 'read back').map(({ status }) => status),
    ).toEqual(['ok', 'ok'])
  })

  test('run gives the command its endpoint', async () => {
    const ran = await run([
      'run',
      '--data',
      data,
      '--',
      process.execPath,
      '-p',
      'process.env.OTEL_EXPORTER_OTLP_ENDPOINT',
    ])
    expect(ran.out.trim()).toBe(dev.ready.otlp_http)
  })
})
