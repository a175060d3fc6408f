/** What `withLogs` makes of a server: first of all, that the call is as without it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { withLogs, type LogEvent, type LogStream } from '../../src/client.ts'
import { end, GRANT, log, startFakeStreams, text, type FakeStreams } from './fake-streams.ts'

let server: FakeStreams

beforeEach(async () => {
  server = await startFakeStreams()
})
afterEach(() => server.close())

const header = () => server.requests.find(({ url }) => url === '/call')?.headers['tracelog-return']

async function all(logs: LogStream): Promise<LogEvent[]> {
  const events = []
  for await (const event of logs) events.push(event)
  return events
}

test('a call gives its response and, kept apart, its records, standard output and standard error', async () => {
  const told: unknown[] = []
  const logged = withLogs(fetch, {
    streams: server.streams,
    authorization: () => Promise.resolve('Bearer abc'),
    level: 'debug',
    onLog: (line) => told.push(line.message),
    onStdout: (line) => told.push(line),
    onStderr: (line) => told.push(line),
    onGap: (dropped) => told.push(dropped),
  })
  server.onCall = (_, response) => {
    server.send(log('one'), text('stdout', 'a'), text('stderr', 'b'), text('stdout', 'c'))
    response.end('answer')
    server.send({ event: 'gap', data: { dropped: 4 } }, log('two'), end('ok', 4))
  }
  const { response, logs } = await logged(`${server.url}/call`, { method: 'POST', body: 'x' })
  expect(await response.text()).toBe('answer')
  expect(await logs.ended).toBe('ok')
  expect(logs.messages().map(({ message }) => message)).toEqual(['one', 'two'])
  expect([logs.stdout(), logs.stderr(), logs.dropped, logs.status]).toEqual(['a\nc\n', 'b\n', 4, 'ok'])
  expect(told).toEqual(['one', 'a', 'b', 'c', 4, 'two'])
  const events = await all(logs)
  expect(events.map(({ type }) => type)).toEqual(['log', 'stdout', 'stderr', 'stdout', 'gap', 'log', 'end'])
  expect(events.at(-1)).toEqual({ type: 'end', status: 'ok', httpStatus: 200, dropped: 4 })
  // Each loop has them all.
  expect(await all(logs)).toEqual(events)

  const [opened, read] = server.requests.filter(({ url }) => url?.startsWith('/base/'))
  expect([opened?.headers.authorization, server.asked]).toEqual(['Bearer abc', ['{"level":"debug"}']])
  expect(read?.headers).toMatchObject({ authorization: `Bearer ${GRANT}`, accept: 'text/event-stream' })
  const call = server.requests.find(({ url }) => url === '/call')
  expect(call?.headers['tracelog-return']).toBe(GRANT)
  expect(call?.headers.authorization).toBeUndefined()
})

test('events arrive while the call runs', async () => {
  const first = Promise.withResolvers<void>()
  const logged = withLogs(fetch, { streams: server.streams, onLog: () => first.resolve() })
  server.onCall = (_, response) => {
    server.send(log('before the answer'))
    void first.promise.then(() => response.end())
  }
  await using logs = (await logged(`${server.url}/call`)).logs
  expect(logs.messages()).toHaveLength(1)
})

describe('the headers of the call stay what they were', () => {
  const url = () => `${server.url}/call`
  test.each([
    ['an object', () => [url(), { headers: { 'x-own': '1' } }] as const],
    ['a list', () => [url(), { headers: [['x-own', '1']] as [string, string][] }] as const],
    ['Headers', () => [url(), { headers: new Headers({ 'x-own': '1' }) }] as const],
    ['a Request', () => [new Request(url(), { headers: { 'x-own': '1' } })] as const],
  ])('given as %s', async (_name, call) => {
    const given = call()
    await using logs = (await withLogs(fetch, { streams: server.streams })(given[0], given[1])).logs
    expect(logs.status).toBe('open')
    expect(server.requests.find((one) => one.url === '/call')?.headers).toMatchObject({
      'x-own': '1',
      'tracelog-return': GRANT,
    })
    expect(JSON.stringify(given[1] ?? {})).not.toContain(GRANT)
  })
})

describe('without a stream the call is made without the header, and its logs are unavailable', () => {
  const answer = (status: number, body: string) => () => {
    server.onOpen = (response) => void response.writeHead(status, { location: `${server.url}/call` }).end(body)
  }
  const grant = (place: object) => answer(201, JSON.stringify({ id: 's1', url: 'streams/s1', grant: GRANT, ...place }))
  test.each<[string, () => void]>([
    ['404', answer(404, '')],
    ['500', answer(500, 'no')],
    ['a redirect', answer(307, '')],
    ['200', answer(200, JSON.stringify({ id: 's1', url: 'streams/s1', grant: GRANT }))],
    ['no JSON', answer(201, 'no')],
    ['null', answer(201, 'null')],
    ['a long answer', answer(201, JSON.stringify({ grant: GRANT, more: 'x'.repeat(100_000) }))],
    ['a stream at another place', grant({ url: 'http://127.0.0.1:1/streams/s1' })],
    ['a grant that is no header', grant({ grant: 'a\r\nx-evil: 1' })],
    ['a grant that is too long', grant({ grant: 'x'.repeat(2_049) })],
    ['no grant', grant({ grant: '' })],
    ['a broken connection', () => (server.onOpen = (response) => void response.destroy())],
    ['no answer', () => (server.onOpen = () => {})],
    [
      'an answer without an end',
      () => (server.onOpen = (response) => void response.writeHead(201).write('{"id":"s1","url":"streams/s1",')),
    ],
  ])('%s', async (_name, prepare) => {
    prepare()
    const { response, logs } = await withLogs(fetch, { streams: server.streams })(`${server.url}/call`)
    expect([response.status, await response.text()]).toEqual([200, 'answer'])
    expect([logs.status, await logs.ended, logs.dropped, await all(logs)]).toEqual([
      'unavailable',
      'unavailable',
      0,
      [],
    ])
    expect(header()).toBeUndefined()
    expect(server.readers).toEqual([])
  })

  test.each<[string, Partial<Parameters<typeof withLogs>[1]>]>([
    ['an address that is none', { streams: 'no address' }],
    ['nobody there', { streams: 'http://127.0.0.1:1' }],
    ['an authorization that throws', { authorization: () => Promise.reject(new Error('no token')) }],
    ['an authorization that never comes', { authorization: () => new Promise<string>(() => {}) }],
    ['an authorization that is no header', { authorization: 'a\nb' }],
  ])('%s', async (_name, options) => {
    const logged = withLogs(fetch, { streams: server.streams, ...options })
    const { response, logs } = await logged(`${server.url}/call`)
    expect([await response.text(), await logs.ended, header()]).toEqual(['answer', 'unavailable', undefined])
  })
})

test('the call rejects with the very error of fetch', async () => {
  const error = new TypeError('no')
  const failing = (url: string, init?: RequestInit) =>
    url.endsWith('/call') ? Promise.reject(error) : fetch(url, init)
  await expect(withLogs(failing, { streams: server.streams })(`${server.url}/call`)).rejects.toBe(error)
})

describe('a broken stream', () => {
  const events = [log('1'), text('stdout', '2'), log('3'), text('stderr', '4'), log('5'), end()]

  test.each(events.map((_, index) => index + 1))(
    'goes on behind its last event when each connection breaks after event %i',
    async (breakAfter) => {
      server.breakAfter = breakAfter
      const { response, logs } = await withLogs(fetch, { streams: server.streams })(`${server.url}/call`)
      server.send(...events)
      expect(await response.text()).toBe('answer')
      expect(await logs.ended).toBe('ok')
      expect(logs.messages().map(({ message }) => message)).toEqual(['1', '3', '5'])
      expect([logs.stdout(), logs.stderr()]).toEqual(['2\n', '4\n'])
      expect(server.readers).toHaveLength(Math.ceil(events.length / breakAfter))
    },
  )

  test('that sends from the beginning again tells nothing twice', async () => {
    server.breakAfter = 3
    const { logs } = await withLogs(fetch, { streams: server.streams })(`${server.url}/call`)
    server.send(log('1'), log('2'), log('3'))
    await expect.poll(() => server.readers.length).toBeGreaterThan(0)
    server.onRead = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const id of [1, 2, 3, 4]) response.write(`id: ${id}\nevent: log\ndata: {"message":"${id}"}\n\n`)
      response.end('id: 5\nevent: end\ndata: {"status":"ok"}\n\n')
    }
    await logs.ended
    expect(logs.messages().map(({ message }) => message)).toEqual(['1', '2', '3', '4'])
  })

  test('is unavailable while nobody is there, and open when it is back', async () => {
    server.onRead = (response) => void response.writeHead(503).end()
    const { logs } = await withLogs(fetch, { streams: server.streams })(`${server.url}/call`)
    await expect.poll(() => logs.status).toBe('unavailable')
    server.onRead = undefined
    await expect.poll(() => logs.status).toBe('open')
    server.send(log('after'), end())
    expect(await logs.ended).toBe('ok')
    expect(logs.messages()).toHaveLength(1)
  })

  test.each([404, 401, 204])('ends when the server says %i to who comes back', async (status) => {
    server.breakAfter = 1
    const { logs } = await withLogs(fetch, { streams: server.streams })(`${server.url}/call`)
    await expect.poll(() => server.readers).toHaveLength(1)
    server.onRead = (response) => void response.writeHead(status).end()
    server.send(log('1'))
    expect(await logs.ended).toBe('unavailable')
    expect(logs.messages()).toHaveLength(1)
  })
})

test('close ends the stream early: nothing more is told, loops end, the connection too', async () => {
  const { logs } = await withLogs(fetch, { streams: server.streams })(`${server.url}/call`)
  server.send(log('1'))
  await expect.poll(() => logs.messages()).toHaveLength(1)
  const gone = new Promise((resolve) => server.readers[0]?.on('close', resolve))
  {
    await using closing = logs
    expect(closing.status).toBe('open')
  }
  expect([logs.status, await logs.ended]).toEqual(['closed', 'closed'])
  expect(await all(logs)).toHaveLength(1)
  await gone
})

test('a callback that throws stops neither the other ones nor the stream', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const logged = withLogs(fetch, {
    streams: server.streams,
    onLog: () => {
      throw new Error('of the user')
    },
  })
  const { logs } = await logged(`${server.url}/call`)
  server.send(log('1'), text('stdout', 'a'), end())
  expect([await logs.ended, logs.messages().length, logs.stdout()]).toEqual(['ok', 1, 'a\n'])
  expect(warned.mock.calls).toEqual([['a callback of withLogs has thrown: Error: of the user']])
  warned.mockRestore()
})
