/**
 * Real load balancers that send their lines to `tracelog dev --syslog` and `tracelog run --syslog`, in front of a real application: one
 * request is one tree, without a Collector.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { describe, expect, onTestFinished, test } from 'vitest'

import type { ReadyLine } from '../../src/cli/find-backend.ts'
import type { TraceTree } from '../../src/model/api.ts'
import { temporaryDirectory, startTestBackend } from '../backend/support/backend.ts'
import { startChild } from '../support/child.ts'
import { startHaproxy } from '../support/servers/haproxy.ts'
import { startNginx } from '../support/servers/nginx.ts'
import { requireProgram } from '../support/require.ts'
import { runCli } from './run-cli.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const WAIT = { timeout: 20_000, interval: 200 }
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

function startCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:OTEL_|TRACELOG_|NODE_OPTIONS$|VITEST)/.test(name),
  )
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...Object.fromEntries(inherited), ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close')
  child.stderr.resume()
  return { child, ended }
}

async function startDev(): Promise<{ readonly ready: ReadyLine; readonly syslog: string }> {
  const data = temporaryDirectory()
  const ports = ['--otlp-http', '0', '--otlp-grpc', '0', '--api', '0', '--syslog', '0']
  const { child, ended } = startCommand(['dev', '--json', '--data', data, ...ports])
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const ready = JSON.parse(line) as ReadyLine
  return { ready, syslog: ready.syslog ?? '' }
}

/** @returns `host:port` */
async function startShop(endpoint: string): Promise<string> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'shop', PORT: '0' }
  const shop = startChild('load-balancers/shop.mjs', { env })
  onTestFinished(() => shop.kill('SIGKILL'))
  await shop.prints('\n')
  return `127.0.0.1:${shop.stdout().replace('listening', '').trim()}`
}

/** `load_balancer haproxy GET /x 200` for each hop, indented by its depth. */
async function treeOf({ api, token }: ReadyLine): Promise<string[]> {
  const ran = await runCli(['trace', TRACE, '--json', '--backend', api], { env: { TRACELOG_TOKEN: token } })
  if (ran.code !== 0) return []
  const { rows } = JSON.parse(ran.out) as TraceTree
  return rows
    .filter(({ kind }) => kind === 'span')
    .map(({ depth, component, service, fields, status }) =>
      [' '.repeat(depth) + String(component), service, fields?.['method'], fields?.['path'], status].join(' '),
    )
}

const ask = (url: string) => fetch(`${url}/x`, { headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` } })

const withHaproxy = requireProgram('haproxy')
const withNginx = requireProgram('nginx')

describe('HAProxy', () => {
  withHaproxy(
    'in front of an application, with its lines sent to `tracelog dev`, is the first hop of the tree',
    async () => {
      const { ready, syslog } = await startDev()
      const shop = await startShop(ready.otlp_http)
      const haproxy = await startHaproxy({ upstreams: [shop, shop], syslog })
      onTestFinished(() => haproxy.kill())
      expect((await ask(haproxy.url)).status).toBe(200)
      await expect
        .poll(() => treeOf(ready), WAIT)
        .toEqual(['load_balancer haproxy GET /x 200', ' http_server shop GET /x 200'])
    },
  )

  withHaproxy('sends its lines to `tracelog run`, which sends them to the backend before it ends', async () => {
    const { ready, stages } = await startTestBackend()
    const { child, ended } = startCommand(['run', '--syslog', '0'], { TRACELOG_DATA: ready.data })
    const [line] = (await once(createInterface({ input: child.stderr }), 'line')) as [string]
    const syslog = /takes syslog on (127\.0\.0\.1:\d+) \(TCP and UDP\)$/.exec(line)?.[1] ?? line
    const haproxy = await startHaproxy({ upstreams: ['127.0.0.1:1', '127.0.0.1:1'], syslog })
    onTestFinished(() => haproxy.kill())
    expect((await ask(haproxy.url)).status).toBe(503)
    await expect.poll(() => stages.bodies(), WAIT).toContain('GET /x 503')
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
  })
})

withNginx('nginx sends its lines by UDP: `access_log syslog:`', async () => {
  const { ready, syslog } = await startDev()
  const shop = await startShop(ready.otlp_http)
  const nginx = await startNginx({ folder: join(temporaryDirectory(), 'nginx'), upstreams: [shop], syslog })
  onTestFinished(() => nginx.kill())
  expect((await ask(nginx.url)).status).toBe(200)
  await expect
    .poll(() => treeOf(ready), WAIT)
    .toEqual(['load_balancer nginx GET /x 200', ' http_server shop GET /x 200'])
})

test.each([['65536'], ['x'], ['-1']])('--syslog=%s is refused before anything is begun', async (port) => {
  const ran = await runCli(['dev', `--syslog=${port}`])
  expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--syslog') as string })
})
