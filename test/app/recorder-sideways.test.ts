/** The flight recorder's third way: services that had answered before a request failed are told by a real `tracelog dev`. */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import { startChild, type RunningChild } from '../support/child.ts'
import { startDev, type RunningDev } from '../support/dev.ts'
import { startReceiver } from '../support/receiver.ts'
import type { LogsPage } from '../../src/model/api.ts'

vi.setConfig({ testTimeout: 60_000 })

let children: RunningChild[]

beforeEach(() => {
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
})

interface ServiceOptions {
  readonly env: Readonly<Record<string, string>>
  /** Ports that it asks, one after the other. Default: none. */
  readonly next?: readonly number[]
  /** Default: `siblings`. */
  readonly program?: string
}

/** @returns its port */
async function service(name: string, { env, next = [], program = 'siblings' }: ServiceOptions): Promise<number> {
  const child = startChild(`recorder/${program}.cjs`, {
    args: [name, ...next.map(String)],
    env: { OTEL_SERVICE_NAME: name, TRACELOG_RECORDER: 'on', ...env },
  })
  children.push(child)
  await child.prints('\n')
  return Number(/port (\d+)/.exec(child.stdout())?.[1])
}

/** LB asks C, which answers; half a second later it asks A, which asks B. @returns the port of LB */
async function system(env: Readonly<Record<string, string>>): Promise<number> {
  const c = await service('c', { env })
  const a = await service('a', { env, next: [await service('b', { env })] })
  return await service('lb', { env, next: [c, a] })
}

async function ask(port: number, path: string): Promise<void> {
  const [response] = (await once(get({ host: '127.0.0.1', port, path }), 'response')) as [IncomingMessage]
  await once(response.resume(), 'end')
}

/** Dumps as `service [reason]`, recovered lines as their texts. */
async function toldOf(dev: RunningDev): Promise<readonly string[]> {
  const { logs } = (await dev.api('logs?limit=500')) as LogsPage
  return logs.flatMap((row) => {
    const reason = row['tracelog.dump.reason']
    if (typeof reason === 'string') return [`${row.service} [${reason}]`]
    return row['buffered'] === true ? [row.message] : []
  })
}

const sorted = (texts: readonly string[]) => texts.toSorted((x, y) => x.localeCompare(y))

interface Status {
  readonly wanted: { readonly streams: number; readonly traces: number; readonly dropped: number }
}

/** Each service has sent something, been answered, and follows. */
async function allFollow(dev: RunningDev, count: number): Promise<void> {
  await vi.waitFor(async () => expect(((await dev.api('status')) as Status).wanted.streams).toBe(count), 30_000)
}

describe('A-2: a sibling that had answered half a second before', () => {
  test('is dumped too, with tracelog dev: all lines of the request are there, of none that went well', async () => {
    const dev = await startDev()
    const port = await system({ OTEL_EXPORTER_OTLP_ENDPOINT: dev.ready.otlp_http })
    await ask(port, '/good')
    await allFollow(dev, 4)
    await ask(port, '/fail')
    const expected = [
      'lb [remote]',
      'a [remote]',
      'b [status]',
      'c [remote]',
      ...['lb', 'a', 'b', 'c'].flatMap((name) => [`${name} begins /fail`, `${name} ends /fail`]),
    ]
    await vi.waitFor(async () => expect(sorted(await toldOf(dev))).toEqual(sorted(expected)), 30_000)
    expect((await dev.api('status')) as Status).toMatchObject({ wanted: { traces: 1, dropped: 0 } })
    await dev.stop()
  })

  test('is not without it: what answers is no tracelog dev, and is asked for nothing', async () => {
    const receiver = await startReceiver()
    const port = await system({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
    await ask(port, '/good')
    await ask(port, '/fail')
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(children.map(({ ended }) => ended))
    const dumped = receiver.receivedLogs.flatMap(({ resource, record: { attributes } }) =>
      attributes['tracelog.dump.reason'] === undefined ? [] : [resource['service.name']],
    )
    expect(new Set(dumped)).toEqual(new Set(['lb', 'a', 'b']))
    expect(receiver.requests.map(({ path }) => path)).not.toContain('/v1/tracelog/wanted')
    await receiver.close()
  })
})

test('a sibling in a worker thread of an application is told too', async () => {
  const dev = await startDev()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: dev.ready.otlp_http }
  const c = await service('c', { env, program: 'sibling-in-thread' })
  const port = await service('lb', { env, next: [c, await service('b', { env })] })
  await ask(port, '/good')
  await allFollow(dev, 3)
  await ask(port, '/fail')
  await vi.waitFor(async () => {
    expect(await toldOf(dev)).toEqual(expect.arrayContaining(['c [remote]', 'c begins /fail', 'c ends /fail']))
  }, 30_000)
})

test('over gRPC there is none of it, and TRACELOG_DEBUG=1 says so', async () => {
  const dev = await startDev()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: dev.ready.otlp_grpc, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
  const port = await service('alone', { env: { ...env, TRACELOG_DEBUG: '1' } })
  await ask(port, '/fail')
  await vi.waitFor(async () => expect(await toldOf(dev)).toContain('alone [status]'), 30_000)
  expect(await dev.api('status')).toMatchObject({ wanted: { streams: 0, traces: 1 } })
  expect(children[0]?.stderr()).toContain('"late":"grpc"')
})

test('TRACELOG_DEBUG=1 says when the way is there, when it is gone, and how often it was told', async () => {
  const dev = await startDev()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: dev.ready.otlp_http, TRACELOG_DEBUG: '1' }
  const port = await service('alone', { env })
  const said = () => children[0]!.stderr()
  expect(said()).toContain('"late":"awaited"')
  await ask(port, '/good')
  await allFollow(dev, 1)
  await ask(port, '/fail')
  await vi.waitFor(
    () => expect(said()).toMatch(/recorder: tracelog dev at http:\S+ tells of requests that fail/),
    30_000,
  )
  await vi.waitFor(async () => expect(await dev.api('status')).toMatchObject({ wanted: { traces: 1 } }), 30_000)
  await dev.stop()
  await vi.waitFor(() => expect(said()).toMatch(/recorder: http:\S+ tells no longer/), 30_000)
  children[0]!.kill('SIGTERM')
  await children[0]!.ended
  expect(said()).toContain('told of 1 requests that failed')
})

describe('whoever says that it is tracelog dev may be anybody', () => {
  const id = (n: number) => n.toString(16).padStart(32, '0')
  const flood = (text: string) => (response: ServerResponse) => {
    const more = (): void => {
      while (!response.destroyed && response.write(text)) {
        // Until it is full.
      }
    }
    response.on('drain', more)
    more()
  }

  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['garbage without an end', flood('\u0000\u00ff{"x":'.repeat(10_000)), /tells no longer/],
    ['lines of garbage', flood('data: x\n'.repeat(10_000)), /tells no longer/],
    [
      'huge lists of traces',
      flood(Array.from({ length: 20_000 }, (_, i) => `data: ${id(i)}\n\n`).join('')),
      /told of \d+ requests that failed; \d+ more not looked for/,
    ],
    ['nothing at all', (response) => void setImmediate(() => response.end()), /tells no longer/],
  ])('%s: the application answers, sends and ends as ever', async (_what, tell, said) => {
    let taken = 0
    const server = createServer((request, response) => {
      response.setHeader('tracelog-backend', '1')
      if (request.method === 'GET') {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
        tell(response)
        return
      }
      request.resume().on('end', () => {
        taken++
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const port = await service('alone', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, TRACELOG_DEBUG: '1' } })
    const [child] = children
    await ask(port, '/good')
    await vi.waitFor(() => expect(child!.stderr()).toContain('tells of requests'), 30_000)
    for (let i = 0; i < 20; i++) await ask(port, '/good')
    await vi.waitFor(() => expect(child!.stderr()).toContain('tells no longer'), 30_000)
    const before = taken
    await ask(port, '/fail')
    await vi.waitFor(() => expect(taken).toBeGreaterThan(before), 30_000)
    child!.kill('SIGTERM')
    expect(await child!.ended).toMatchObject({ code: 0, signal: null })
    expect(child!.stderr()).toMatch(said)
    expect(child!.stderr()).not.toContain('dropped (')
  })
})

test.each(['on', 'off'])('an open stream keeps no process alive, with TRACELOG_WORKER=%s', async (TRACELOG_WORKER) => {
  const dev = await startDev()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: dev.ready.otlp_http, TRACELOG_WORKER }
  const child = startChild('recorder/follows.cjs', { env })
  children.push(child)
  await allFollow(dev, 1)
  child.kill('SIGUSR2')
  expect(await child.ended).toMatchObject({ code: 0, signal: null, stdout: 'no more\n' })
  await allFollow(dev, 0)
})
