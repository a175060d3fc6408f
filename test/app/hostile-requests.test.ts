/** Nothing that a client sends keeps a process busy: headers of 12 KB over HTTP/1 and of 60 KB over HTTP/2, in real processes. */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:http2'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startChild, type RunningChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
/** Processor time of one request, all threads. Milliseconds; far above what a busy machine adds, far below what was: 6,600. */
const MAX_MILLIS = 150

type Headers = Readonly<Record<string, string>>

/** @param length  of the header, as far as a server takes it */
function hostileHeaders(length: number): readonly (readonly [string, Headers])[] {
  const run = (text: string) => text.repeat(length / text.length)
  return [
    ['tracestate of blanks', { tracestate: `a=b${run(' ')}c` }],
    ['tracestate of commas', { tracestate: `a=b${run(' ,\t,')}c` }],
    ['baggage of blanks', { baggage: `a=b;c${run(' ')}d` }],
    ['baggage of semicolons', { baggage: `a=b${run(';')}d` }],
    ['traceparent of dashes', { traceparent: TRACEPARENT.replace('00', '01') + run('-') }],
    ['Forwarded of quotes', { forwarded: `for="${run('\\"')}` }],
    ['X-Forwarded-For of blanks', { 'x-forwarded-for': `a${run(' ')}b` }],
    ['X-Forwarded-Host of colons', { 'x-forwarded-host': run(':') }],
    ['Cookie of secrets', { cookie: run('password=a:b@; ') }],
    ['User-Agent of secrets', { 'user-agent': run('"token":"') }],
    ['a path against globs', { ':path': `/api/${run('v1/a/')}pong` }],
    ['a query of secrets', { ':path': `/?${run('token=://a:')}` }],
  ]
}

let receiver: Receiver
let child: RunningChild
let ports: number[] = []

beforeAll(async () => {
  receiver = await startReceiver()
  child = startChild('hops/busy-server.mjs', {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      TRACELOG_IGNORE_PATHS: '/cpu,/api/*/v1/*/v1/*/ping',
      // A span's attributes are redacted whole.
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '100000',
    },
  })
  await child.prints('ports ')
  ports = (/ports ([\d ]+)/.exec(child.stdout())?.[1] ?? '').trim().split(' ').map(Number)
})
afterAll(async () => {
  child.kill('SIGTERM')
  await child.ended
  await receiver.close()
})

async function overHttp1({ ':path': path = '/', ...headers }: Headers): Promise<string> {
  const outgoing = request({ port: ports[0], host: '127.0.0.1', path, headers })
  outgoing.end()
  const [response] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer>]
  return bodyOf(response)
}

async function overHttp2(headers: Headers): Promise<string> {
  const session = connect(`http://127.0.0.1:${ports[1]}`, { maxSendHeaderBlockLength: 1_000_000 })
  const stream = session.request({ ':path': '/', ...headers })
  try {
    return await bodyOf(stream)
  } finally {
    session.destroy()
  }
}

async function bodyOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** The shortest of several: what else runs in the process must not count. */
async function millisOf(send: (headers: Headers) => Promise<string>, headers: Headers): Promise<number> {
  let least = Infinity
  for (let run = 0; run < 4 && least > MAX_MILLIS / 4; run += 1) {
    const before = Number(await send({ ':path': '/cpu' }))
    expect(await send({ traceparent: TRACEPARENT, ...headers })).toBe('ok')
    least = Math.min(least, (Number(await send({ ':path': '/cpu' })) - before) / 1_000)
  }
  return least
}

test.each(hostileHeaders(12_000))('HTTP/1: %s', async (_, headers) => {
  expect(await millisOf(overHttp1, headers)).toBeLessThan(MAX_MILLIS)
})

test.each(hostileHeaders(56_000))('HTTP/2: %s', async (_, headers) => {
  expect(await millisOf(overHttp2, headers)).toBeLessThan(MAX_MILLIS)
})
