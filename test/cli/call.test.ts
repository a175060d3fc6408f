/** `tracelog call`: as curl for the response, the lines of the call beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createCallPrinter } from '../../src/cli/call/call-printer.ts'
import type { Invocation } from '../../src/cli/command.ts'
import { readGrant } from '../../src/returning/return-grant.ts'
import { end, log, startFakeStreams, text, type FakeStreams } from '../client/fake-streams.ts'
import { freePort } from '../support/servers/free-port.ts'
import { runCli, type RunOptions } from './run-cli.ts'

let server: FakeStreams

beforeEach(async () => {
  server = await startFakeStreams()
  server.onCall = (_, response) => {
    server.send(log('looking up'), text('stdout', 'printed'), text('stderr', '\u001b[2Jred'), end())
    response.end('answer')
  }
})
afterEach(() => server.close())

/** The command on `/call` of the server. */
const call = (args: readonly string[] = [], options?: RunOptions) =>
  runCli(['call', `${server.url}/call`, '--streams', server.streams, ...args], options)
const called = () => server.requests.find(({ url }) => url === '/call')

/** Of the call that comes. */
function takeBody(): Promise<string> {
  return new Promise((resolve) => {
    server.onCall = (request, response) => {
      void request.toArray().then((chunks) => {
        resolve(Buffer.concat(chunks as Buffer[]).toString())
        response.end()
        server.send(end())
      })
    }
  })
}

test('prints the response to standard output and the lines to standard error', async () => {
  const { code, out, err } = await call(['--level', 'debug', '--authorization', 'Bearer abc'])
  expect([code, out]).toEqual([0, 'answer'])
  const time = String.raw`\d\d:\d\d:\d\d\.\d{3}`
  expect(err).toMatch(new RegExp(String.raw`^${time} api +I looking up\nstdout \| printed\nstderr \| \\x1b\[2Jred\n$`))
  expect(server.asked).toEqual(['{"level":"debug"}'])
  expect(server.requests[0]?.headers.authorization).toBe('Bearer abc')
  expect(called()?.headers.authorization).toBeUndefined()
})

test('who has the key of the server needs no authorization', async () => {
  const key = 'k'.repeat(32)
  await call([], { env: { TRACELOG_RETURN_KEY: key } })
  const [, bearer = ''] = server.requests[0]?.headers.authorization?.split(' ') ?? []
  const claims = readGrant(bearer, { keys: [key], nowMillis: Date.now(), audience: 'any service' })
  expect(claims).toMatchObject({ sub: 'tracelog call', scopes: ['logs:public', 'logs:all', 'logs:stack', 'console'] })
  // It opens streams, and stands for none.
  expect(claims).not.toHaveProperty('sid')
  const { code, err } = await call([], { env: { TRACELOG_RETURN_KEY: 'short' } })
  expect(code).toBe(2)
  expect(err).toContain('TRACELOG_RETURN_KEY is "[redacted]", but must be one key')
})

test('with --json the lines are events', async () => {
  const { err } = await call(['--json'])
  const lines = err.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { type: 'log', line: log('looking up').data },
    { type: 'stdout', text: 'printed' },
    { type: 'stderr', text: '\u001b[2Jred' },
  ])
})

test('sends method, headers and body', async () => {
  const body = takeBody()
  const { code } = await call(['-X', 'PUT', '-H', 'X-One: 1', '-H', 'x-two:2', '-d', 'a=1'])
  expect([code, await body, called()?.method]).toEqual([0, 'a=1', 'PUT'])
  expect(called()?.headers).toMatchObject({
    'x-one': '1',
    'x-two': '2',
    'content-type': 'application/x-www-form-urlencoded',
  })
})

describe('the body comes from', () => {
  let folder = ''
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tracelog-call-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test.each([
    { from: 'a file', data: '@body.txt' },
    { from: 'standard input', data: '@-' },
  ])('$from', async ({ data }) => {
    writeFileSync(join(folder, 'body.txt'), 'of a file')
    const body = takeBody()
    await call(['-d', data], { cwd: folder, in: 'of a file' })
    expect([await body, called()?.method]).toEqual(['of a file', 'POST'])
  })
})

test('bytes are bytes, and on a terminal what they say is shown', async () => {
  server.onCall = (_, response) => {
    response.end(Buffer.from([0xff, 0x00, 0x1b, 0x5b]))
    server.send(end())
  }
  expect((await call()).out).toBe(Buffer.from([0xff, 0x00, 0x1b, 0x5b]).toString('latin1'))
  await server.close()
  server = await startFakeStreams()
  server.onCall = (_, response) => {
    response.end('a\r\n\u001b[2J')
    server.send(end())
  }
  expect((await call([], { columns: 80 })).out).toBe('a\n\\x1b[2J')
})

describe('exit codes are those of curl', () => {
  const answer = (status: number) => {
    server.onCall = (_, response) => {
      response.writeHead(status, { location: '/other' }).end('body')
      server.send(end('error'))
    }
  }
  test.each([
    { status: 500, args: [], expected: [0, 'body'] },
    { status: 500, args: ['--fail'], expected: [22, ''] },
    { status: 404, args: ['-f'], expected: [22, ''] },
    { status: 302, args: ['-f'], expected: [0, 'body'] },
  ])('$status $args', async ({ status, args, expected }) => {
    answer(status)
    const { code, out } = await call(args)
    expect([code, out]).toEqual(expected)
  })

  test('a redirect is followed with --location', async () => {
    server.onCall = (request, response) => {
      if (request.url === '/call') response.writeHead(302, { location: '/other' }).end()
      else {
        response.end('other')
        server.send(end())
      }
    }
    expect((await call(['-L'])).out).toBe('other')
  })

  test('nobody there', async () => {
    const ran = await runCli(['call', `http://127.0.0.1:${await freePort()}/`])
    expect([ran.code, ran.out]).toEqual([7, ''])
    expect(ran.err).toContain('gave no response: connect ECONNREFUSED')
  })

  test('a connection that breaks', async () => {
    server.onCall = (request) => void request.socket.destroy()
    const ran = await call()
    expect([ran.code, ran.out]).toEqual([56, ''])
  })

  test.each([
    [['call'], 'URL is missing'],
    [['call', 'ftp://x'], 'URL is "ftp://x", but must be an http:// or https:// URL'],
    [['call', 'http://a:b@x'], 'without a password'],
    [['call', 'x', '-H', 'none'], '--header is "none", but must be "Name: value"'],
    [['call', 'x', '-X', 'a b'], '--request is "a b"'],
    [['call', 'x', '-X', 'GET', '-d', 'x'], '--data is given with GET'],
    [['call', 'x', '-d', '@/nonexistent'], '--data is "@/nonexistent", but must name a file'],
    [['call', 'x', '--streams', 'ftp://x'], '--streams is "ftp://x"'],
  ])('wrong usage: %j', async (argv, err) => {
    const ran = await runCli(argv)
    expect([ran.code, ran.out]).toEqual([2, ''])
    expect(ran.err).toContain(err)
  })
})

test('without lines the call is as without, and that is said', async () => {
  server.onOpen = (response) => void response.writeHead(404).end()
  const { code, out, err } = await call()
  expect([code, out]).toEqual([0, 'answer'])
  expect(err).toBe(`tracelog call: no lines (any more) of this call from ${server.streams}\n`)
})

test.each([
  ['unbound', 'the server of the call knows no such stream'],
  ['expired', 'the time of the stream is over'],
])('a stream that ends as %s is explained', async (status, said) => {
  server.onCall = (_, response) => {
    response.end('answer')
    server.send({ event: 'gap', data: { dropped: 3 } }, end(status, 3))
  }
  const { err } = await call()
  expect(err).toContain('3 lines are not here')
  expect(err).toContain(said)
})

test('lines of any fields can be shown', () => {
  const output = { write: () => {}, writeBytes: () => {}, drained: () => Promise.resolve(), isTerminal: false }
  const out = { ...output, colourDepth: 8, columns: 40 }
  const { callbacks } = createCallPrinter({
    flags: { isSet: () => false },
    io: { out, err: out, env: {} },
  } as unknown as Invocation)
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('timestamp', 'level', 'service', 'message', 'trace_id', 'event', 'error_message', 'x'),
        fc.jsonValue(),
      ),
      (line) => {
        callbacks.onLog?.(line)
      },
    ),
  )
  expect(callbacks.onLog).toBeDefined()
})
