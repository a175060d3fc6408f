/** HTTPS, HTTP/2's compatibility API and its streams are hops like any other. */
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startChild, type RunningChild } from '../../support/child.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

/** It makes the certificate: Node cannot. Its version is asked for by `version`, not by `--version`. */
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
let folder: string
let receiver: Receiver
let child: RunningChild
let ports: number[] = []

beforeAll(async () => {
  if (!hasOpenssl) return
  folder = mkdtempSync(join(tmpdir(), 'tracelog-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes', '-newkey', 'rsa:2048']
  execFileSync('openssl', ['req', '-x509', '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  receiver = await startReceiver()
  child = startChild('hops/secure-server.mjs', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TLS_KEY: key, TLS_CERT: cert },
  })
  await child.prints('ports ')
  ports = (/ports ([\d ]+)/.exec(child.stdout())?.[1] ?? '').trim().split(' ').map(Number)
})
afterAll(async () => {
  if (!hasOpenssl) return
  child.kill('SIGTERM')
  await child.ended
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly timing: string | undefined
  readonly seen: readonly string[]
}

async function overHttps(path: string): Promise<Answer> {
  const headers = { traceparent: TRACEPARENT }
  const outgoing = request({
    port: ports[0],
    host: '127.0.0.1',
    path,
    method: 'POST',
    rejectUnauthorized: false,
    headers,
  })
  outgoing.write('a')
  outgoing.end('b')
  const [response] = await once(outgoing, 'response')
  const body = (await response.toArray()).join('')
  return { status: response.statusCode, timing: response.headers['server-timing'], seen: JSON.parse(body) }
}

const overHttp2 =
  (at: number) =>
  async (path: string): Promise<Answer> => {
    const session = connect(`http://127.0.0.1:${ports[at]}`)
    const stream = session.request({ ':method': 'POST', ':path': path, traceparent: TRACEPARENT })
    stream.end('body')
    const [headers] = await once(stream, 'response')
    const body = (await stream.toArray()).join('')
    session.close()
    return { status: headers[':status'], timing: headers['server-timing'], seen: JSON.parse(body) }
  }

test.skipIf(!hasOpenssl).each([
  { name: 'https', call: overHttps, path: '/https', status: 200, protocol: '1.1', scheme: 'https' },
  { name: 'https, failing', call: overHttps, path: '/fails-https', status: 500, protocol: '1.1', scheme: 'https' },
  { name: 'http2, compatibility', call: overHttp2(1), path: '/http2', status: 200, protocol: '2', scheme: 'http' },
  { name: 'http2, failing', call: overHttp2(1), path: '/fails-http2', status: 500, protocol: '2', scheme: 'http' },
  { name: 'http2, streams', call: overHttp2(2), path: '/stream', status: 201, protocol: '2', scheme: 'http' },
])('$name', async ({ call, path, status, protocol, scheme }) => {
  const answer = await call(`${path}?a=1`)
  expect(answer.status).toBe(status)
  const spans = () => receiver.receivedSpans.filter(({ span }) => span.attributes['url.path'] === path)
  const records = () => receiver.receivedLogs.filter(({ record }) => record.attributes['url.path'] === path)
  await receiver.until('the hop', () => spans().length > 0 && records().length > 0)
  expect(spans()).toHaveLength(1)
  expect(records()).toHaveLength(1)
  const [one] = spans()
  expect(one?.span).toMatchObject({
    name: 'POST',
    kind: 2,
    parentSpanId: 'b7ad6b7169203331',
    statusCode: status === 500 ? 2 : 0,
  })
  expect(one?.span.attributes).toMatchObject({
    'url.query': 'a=1',
    'url.scheme': scheme,
    'network.protocol.version': protocol,
    'http.response.status_code': status,
    'client.address': '127.0.0.1',
  })
  expect(new Set(answer.seen)).toEqual(new Set([one?.span.spanId]))
  // The streams' API writes its headers itself: nothing is added there.
  expect(answer.timing?.includes(one?.span.spanId ?? '') ?? path === '/stream').toBe(true)
})
