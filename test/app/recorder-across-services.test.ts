/** The flight recorder across services: three processes over HTTP/1.1 and HTTP/2, of which one fails, with and without trust. */
import { once } from 'node:events'
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect } from 'node:http2'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { startChild, type RunningChild } from '../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const NOBODY = { TRACELOG_TRUSTED_PEERS: '10.0.0.1' }
const TRACE = 'a'.repeat(32)

let receiver: Receiver
let children: RunningChild[]
let http: '1' | '2'
let node: string

beforeEach(async () => {
  receiver = await startReceiver()
  children = []
  http = '1'
  node = process.execPath
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await receiver.close()
})

/** @returns its port */
async function service(name: string, next?: number, env: Record<string, string> = {}): Promise<number> {
  const child = startChild('recorder/service.cjs', {
    node,
    args: [name, ...(next === undefined ? [] : [String(next)])],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: name,
      TRACELOG_RECORDER: 'on',
      SHOP_HTTP: http,
      ...env,
    },
  })
  children.push(child)
  await child.prints('\n')
  return Number(/port (\d+)/.exec(child.stdout())?.[1])
}

async function ask(port: number, path: string, state?: string): Promise<IncomingHttpHeaders> {
  const headers = state === undefined ? {} : { traceparent: `00-${TRACE}-${'b'.repeat(16)}-01`, tracestate: state }
  if (http === '2') return askHttp2(port, { ':path': path, ...headers })
  const [response] = (await once(get({ host: '127.0.0.1', port, path, headers }), 'response')) as [IncomingMessage]
  await once(response.resume(), 'end')
  return response.headers
}

async function askHttp2(port: number, request: Readonly<Record<string, string>>): Promise<IncomingHttpHeaders> {
  const session = connect(`http://127.0.0.1:${port}`)
  const stream = session.request(request)
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  await once(stream.resume(), 'end')
  session.close()
  return headers
}

/** What each service has exported: a dump's header as `name [reason]`, what it recovered as its text. Of services that have ended. */
async function told(): Promise<string[]> {
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(children.map(({ ended }) => ended))
  return receiver.receivedLogs
    .toSorted((a, b) => Number(a.record.timeUnixNano - b.record.timeUnixNano))
    .flatMap(({ resource, record: { attributes, body } }) => {
      const reason = attributes['tracelog.dump.reason']
      if (typeof reason === 'string') return [`${resource['service.name'] as string} [${reason}]`]
      return attributes['tracelog.buffered'] === true ? [body as string] : []
    })
}

describe('A-2: backward', () => {
  test('the last of three fails: those who asked are dumped too, and a client that is trusted is told', async () => {
    const lb = await service('lb', await service('a', await service('b')))
    const { 'tracelog-dump': traceId } = await ask(lb, '/fail')
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
    const all = await told()
    expect(new Set(all.filter((text) => text.includes('[')))).toEqual(
      new Set(['b [status]', 'a [remote]', 'lb [remote]']),
    )
    for (const name of ['lb', 'a', 'b'])
      expect(all).toEqual(expect.arrayContaining([`${name} begins /fail`, `${name} ends /fail`]))
    const ids = receiver.receivedLogs.map(({ record }) => record.traceId).filter((id) => id !== '')
    expect(new Set(ids)).toEqual(new Set([traceId]))
  })

  test('a good request says and exports nothing', async () => {
    const lb = await service('lb', await service('a', await service('b')))
    expect(await ask(lb, '/good')).not.toHaveProperty('tracelog-dump')
    expect(await told()).toEqual([])
  })
})

describe('forward', () => {
  test('who is asked by a request that has failed is dumped from its first line on', async () => {
    const a = await service('a', await service('b'))
    await ask(a, '/ahead')
    const all = await told()
    expect(all).toEqual(expect.arrayContaining(['a [level]', 'b [remote]', 'b begins /ahead', 'b ends /ahead']))
  })

  test('also over node:http, and on through a service that has not failed itself', async () => {
    const lb = await service('lb', await service('a', await service('b')))
    await ask(lb, '/good', 'tracelog=d:1')
    const all = await told()
    expect(all.filter((text) => text.includes('[')).toSorted((x, y) => x.localeCompare(y))).toEqual([
      'a [remote]',
      'b [remote]',
      'lb [remote]',
    ])
  })
})

describe('A-14: who is not trusted', () => {
  test('causes no dump by asking for one', async () => {
    const a = await service('a', undefined, NOBODY)
    await ask(a, '/good', 'tracelog=d:1')
    expect(await told()).toEqual([])
  })

  test('causes none by its answer, and is told nothing, not even by what a proxy copies', async () => {
    const a = await service('a', await service('b', undefined), NOBODY)
    expect(await ask(a, '/good')).not.toHaveProperty('tracelog-dump')
    const headers = await ask(a, '/fail')
    expect(headers).not.toHaveProperty('tracelog-dump')
    const dumps = (await told()).filter((text) => text.includes('['))
    // The first one answers 500 itself.
    expect(new Set(dumps)).toEqual(new Set(['b [status]', 'a [status]']))
  })
})

describe.each(NODE_VERSIONS)('over HTTP/2, on Node %s', (version) => {
  beforeEach(() => {
    http = '2'
    node = nodeBinary(version)
  })

  test('the last of three fails: those who asked are dumped too, and a client that is trusted is told', async () => {
    const lb = await service('lb', await service('a', await service('b')))
    const { 'tracelog-dump': traceId } = await ask(lb, '/fail')
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
    const all = await told()
    expect(all.filter((text) => text.includes('[')).toSorted((x, y) => x.localeCompare(y))).toEqual([
      'a [remote]',
      'b [status]',
      'lb [remote]',
    ])
    const ids = receiver.receivedLogs.map(({ record }) => record.traceId).filter((id) => id !== '')
    expect(new Set(ids)).toEqual(new Set([traceId]))
  })

  test('who is asked by a request that has failed is dumped too; a good one says nothing', async () => {
    const a = await service('a', await service('b'))
    expect(await ask(a, '/good')).not.toHaveProperty('tracelog-dump')
    expect(await ask(a, '/ahead')).toHaveProperty('tracelog-dump')
    const all = await told()
    expect(all.toSorted((x, y) => x.localeCompare(y))).toEqual([
      'a [level]',
      'a begins /ahead',
      'a ends /ahead',
      'b [remote]',
      'b begins /ahead',
      'b ends /ahead',
    ])
  })

  test('who is not trusted causes none by its answer, and is told nothing, not even by what a proxy copies', async () => {
    const a = await service('a', await service('b'), NOBODY)
    expect(await ask(a, '/fail')).not.toHaveProperty('tracelog-dump')
    const dumps = (await told()).filter((text) => text.includes('['))
    expect(new Set(dumps)).toEqual(new Set(['b [status]', 'a [status]']))
  })
})
