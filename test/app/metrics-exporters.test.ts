/** OTEL_METRICS_EXPORTER=prometheus and =console: what is measured is asked for, or printed. */
import { get } from 'node:http'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'

import { afterEach, describe, expect, test } from 'vitest'

import { runChild, startChild, type RunningChild } from '../support/child.ts'

const PROGRAM = 'metrics/app.cjs'
const NOWHERE = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', OTEL_SERVICE_NAME: 'shop' }
const ASKED = { ...NOWHERE, OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '0' }

let child: RunningChild | undefined
afterEach(async () => {
  child?.kill('SIGKILL')
  await child?.ended
  child = undefined
})

/** @returns where its metrics are */
async function serving(env: Record<string, string> = {}): Promise<URL> {
  child = startChild(PROGRAM, { env: { ...ASKED, ...env }, args: ['stay'] })
  await child.prints('asked')
  return new URL(/metrics are at (\S+)/.exec(child.stderr())![1]!)
}

function scrape(url: URL, options: { readonly method?: string; readonly host?: string } = {}) {
  const { method = 'GET', host = url.host } = options
  return new Promise<{ status: number | undefined; type: string | undefined; text: string }>((resolve, reject) => {
    const { port, hostname, pathname } = url
    get({ port, hostname, path: pathname, method, headers: { host } }, (response) => {
      const { statusCode: status, headers } = response
      textOf(response).then((text) => resolve({ status, type: headers['content-type'], text }), reject)
    }).on('error', reject)
  })
}

describe('prometheus', () => {
  test('what hops, the application and we measure is asked for', async () => {
    const url = await serving()
    expect(url.hostname).toBe('127.0.0.1')
    const { status, type, text } = await scrape(url)
    expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' })
    expect(text).toMatch(/^target_info\{.*service_name="shop".*\} 1$/m)
    expect(text).toMatch(/^http_server_request_duration_seconds_count\{.*http_response_status_code="200".*\} 2$/m)
    expect(text).toMatch(/^http_server_request_duration_seconds_count\{.*http_response_status_code="500".*\} 1$/m)
    expect(text).toMatch(/^orders_total\{kind="new",.*password="\[redacted\]"\} 2$/m)
    expect(text).toMatch(/^stock\{.*\} 7$/m)
    expect((await scrape(url)).text).toMatch(/^http_server_request_duration_seconds_count\{.*"200".*\} 2$/m)
  })

  test.each([
    [{ method: 'HEAD' }, 200],
    [{ method: 'POST' }, 405],
    [{ path: '/' }, 404],
    [{ path: '/metrics?name[]=x' }, 200],
    [{ host: 'evil.example' }, 421],
    [{ host: 'localhost:80' }, 200],
  ])('asked with %o it answers %i', async ({ path, ...options }: Record<string, string>, expected) => {
    const url = await serving()
    const at = path === undefined ? url : Object.assign(new URL(url), { pathname: path.split('?')[0] })
    expect((await scrape(at, options)).status).toBe(expected)
  })

  test('a request that does not end is answered and let go', async () => {
    const url = await serving()
    const socket = connect({ port: Number(url.port), host: url.hostname })
    socket.write(`GET /metrics HTTP/1.1\r\n${'x: y\r\n'.repeat(4_000)}`)
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 431 /)
    expect((await scrape(url)).status).toBe(200)
  })

  test('a port that is taken is said, and the application runs on', async () => {
    const { port } = await serving()
    const { code, stderr } = await runChild(PROGRAM, { env: { ...ASKED, OTEL_EXPORTER_PROMETHEUS_PORT: port } })
    expect(code).toBe(0)
    expect(stderr).toMatch(/^tracelog: metrics cannot be asked for at 127\.0\.0\.1:\d+: .*EADDRINUSE.*\n$/)
  })

  test('OTEL_EXPORTER_PROMETHEUS_HOST is where it listens; what is no loopback asks for no name', async () => {
    const url = await serving({ OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' })
    expect(url.hostname).toBe('0.0.0.0')
    expect((await scrape(url, { host: 'shop.example:9464' })).status).toBe(200)
  })

  test('nothing of it holds a process, and nothing is sent or printed', async () => {
    const { code, stdout, stderr } = await runChild(PROGRAM, { env: ASKED })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'asked\n' })
    expect(stderr).toMatch(/^tracelog: metrics are at \S+\n$/)
  })
})

describe('console', () => {
  const env = { ...NOWHERE, OTEL_METRICS_EXPORTER: 'console' }

  test.each(['itself', 'exit', 'kill'])('what is measured is printed once at the end: %s', async (how) => {
    const { stdout } = await runChild(PROGRAM, { env, args: [how] })
    const lines = stdout.split('\n').filter((line) => line.includes(' METRIC '))
    const of = (name: string) => lines.filter((line) => line.includes(` METRIC ${name} `))
    expect(of('http.server.request.duration')).toHaveLength(2)
    expect(of('http.server.request.duration')[0]).toMatch(
      /^\d{4}-\S+Z METRIC .* count=2 sum=\S+ .*unit=s .*http\.route=\/orders\/:id/,
    )
    expect(of('orders')).toEqual([expect.stringMatching(/ METRIC orders value=2 kind=new password=\[redacted\]$/)])
  })

  test('every OTEL_METRIC_EXPORT_INTERVAL, and only what has changed', async () => {
    child = startChild(PROGRAM, { env: { ...env, OTEL_METRIC_EXPORT_INTERVAL: '50' }, args: ['stay'] })
    await child.prints('METRIC stock value=7')
    await child.prints('METRIC http.server.request.duration')
    child.kill('SIGTERM')
    await child.ended
    expect(child.stdout().match(/METRIC stock value=7/g)).toHaveLength(1)
  })

  test('as JSON, as records are', async () => {
    const { stdout } = await runChild(PROGRAM, { env: { ...env, TRACELOG_CONSOLE_FORMAT: 'json' }, args: ['exit'] })
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(told.find(({ metric }) => metric === 'orders')).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-/),
      metric: 'orders',
      value: 2,
      kind: 'new',
      password: '[redacted]',
    })
  })
})
