/**
 * The demo's programs with the preload, and all that they exported: captured once, to be replayed to several receivers.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { decodeLogsRequest, decodeTracesRequest } from '../../../src/model/otlp-decode.ts'
import { startChild, type RunningChild } from '../../support/child.ts'

const PROGRAMS = new URL('../../../dist/demo/', import.meta.url).pathname

interface Captured {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface DemoTraffic {
  readonly requests: number
  /** Records and spans that the programs exported. */
  readonly logs: number
  readonly spans: number
  /** Of the spans. */
  readonly traceIds: ReadonlySet<string>
  /** Sends the same bytes, in the same order, to an OTLP/HTTP receiver. */
  replay(otlpUrl: string): Promise<void>
}

/** A load balancer, two API servers and a cache; so many requests through them. */
export async function demoTraffic(count: number): Promise<DemoTraffic> {
  const captured: Captured[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      captured.push({ path: request.url ?? '', headers: request.headers, body })
      response.writeHead(200, { 'content-type': request.headers['content-type'] }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const children: RunningChild[] = []
  try {
    const start = (service: string, program: string, env: Record<string, string>): RunningChild => {
      const child = startChild(`${PROGRAMS}${program}.js`, {
        env: { OTEL_SERVICE_NAME: service, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, PORT: '0', ...env },
      })
      children.push(child)
      return child
    }
    const cache = await portOf(start('cache', 'cache-server', {}))
    const api = [1, 2].map(() => start('api', 'api-server', { REDIS_URL: `redis://127.0.0.1:${cache}` }))
    const upstreams = (await Promise.all(api.map(portOf))).map((port) => `127.0.0.1:${port}`)
    const lb = await portOf(start('load-balancer', 'load-balancer', { UPSTREAMS: upstreams.join(',') }))
    const args = [`http://127.0.0.1:${lb}`, String(count)]
    const { code, stderr } = await startChild(`${PROGRAMS}traffic.js`, { preload: 'none', args }).ended
    if (code !== 0) throw new Error(`the demo's customers failed:\n${stderr}`)
  } finally {
    // Who depends on others goes before them.
    for (const child of children.toReversed()) {
      child.kill('SIGTERM')
      await child.ended
    }
    await new Promise((resolve) => server.close(resolve))
  }
  return { requests: count, ...countsOf(captured), replay: (otlpUrl) => replay(captured, otlpUrl) }
}

/** Each program says where it listens. */
async function portOf(child: RunningChild): Promise<number> {
  await child.prints('listens')
  for (const line of child.stdout().split('\n')) {
    const port = /"port":(\d+)/.exec(line)?.[1]
    if (line.includes('listens') && port !== undefined) return Number(port)
  }
  throw new Error(`no port in: ${child.stdout()}`)
}

function countsOf(captured: readonly Captured[]): Pick<DemoTraffic, 'logs' | 'spans' | 'traceIds'> {
  const of = (path: string): Buffer[] => captured.filter((one) => one.path === path).map(({ body }) => body)
  const logs = of('/v1/logs').flatMap((body) =>
    decodeLogsRequest(body).flatMap(({ scopes }) => scopes.flatMap(({ records }) => records)),
  )
  const spans = of('/v1/traces').flatMap((body) =>
    decodeTracesRequest(body).flatMap(({ scopes }) => scopes.flatMap((scope) => scope.spans)),
  )
  return { logs: logs.length, spans: spans.length, traceIds: new Set(spans.map(({ traceId }) => traceId)) }
}

async function replay(captured: readonly Captured[], otlpUrl: string): Promise<void> {
  for (const { path, headers, body } of captured) {
    const response = await fetch(`${otlpUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': headers['content-type']! },
      body,
    })
    if (response.status !== 200) throw new Error(`${otlpUrl}${path}: ${response.status} ${await response.text()}`)
  }
}
