/** The client and the command as users run them: processes of their own, on each Node, with a server that is killed under them. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { end, log, startFakeStreams, text, type FakeStreams } from './fake-streams.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const CLI = `${ROOT}dist/cli.js`
const STREAMS = `${ROOT}test/fixtures/client/streams.mjs`

let server: FakeStreams
const children: ChildProcess[] = []

beforeEach(async () => {
  server = await startFakeStreams()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await server.close()
})

function start(node: string, args: readonly string[]) {
  const child = spawn(node, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  children.push(child)
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (said.out += piece))
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said.err += piece))
  return { child, said, ended: once(child, 'close').then(([code]) => code as number | null) }
}

/** A program that makes one call and says what it was told. */
const PROGRAM = `
const [, url, streams] = process.argv
const { response, logs } = await withLogs(fetch, { streams })(url)
const body = await response.text()
await logs.ended
console.log(JSON.stringify([body, logs.messages().length, logs.stdout(), logs.status]))`

describe.each(NODE_VERSIONS)('Node %s', (version) => {
  test.each([
    ['a module', ['--input-type=module', '-e', `import { withLogs } from '@org/tracelog/client'${PROGRAM}`]],
    [
      'CommonJS',
      [
        '--input-type=commonjs',
        '-e',
        `const { withLogs } = require('@org/tracelog/client');(async () => {${PROGRAM}})()`,
      ],
    ],
  ])('runs the client as %s, and ends by itself', { timeout: 120_000 }, async (_name, args) => {
    server.onCall = (_, response) => {
      server.send(log('one'), text('stdout', 'a'))
      response.end('answer')
      server.send(end())
    }
    const { said, ended } = start(nodeBinary(version), [...args, `${server.url}/call`, server.streams])
    expect([await ended, said.err]).toEqual([0, ''])
    expect(JSON.parse(said.out)).toEqual(['answer', 1, 'a\n', 'ok'])
  })
})

test('lines are there before the response, and Ctrl-C ends both', async () => {
  server.onCall = () => server.send(log('begins'), text('stdout', 'printed'))
  const { child, said, ended } = start(process.execPath, [
    CLI,
    'call',
    `${server.url}/call`,
    '--streams',
    server.streams,
  ])
  await expect.poll(() => said.err).toMatch(/begins\nstdout \| printed\n$/)
  const gone = new Promise((resolve) => server.readers[0]?.on('close', resolve))
  child.kill('SIGINT')
  expect([await ended, said.out]).toEqual([130, ''])
  await gone
})

test('the call is as it was when who has its stream is killed', async () => {
  const streams = start(process.execPath, [STREAMS])
  await expect.poll(() => streams.said.out).toContain('\n')
  const { port } = JSON.parse(streams.said.out) as { port: number }
  const released = Promise.withResolvers<void>()
  server.onCall = (_, response) => {
    response.write('first ')
    void released.promise.then(() => response.end('last'))
  }
  const base = `http://127.0.0.1:${port}`
  const { child, said, ended } = start(process.execPath, [CLI, 'call', `${server.url}/call`, '--streams', base])
  await expect.poll(() => said.err).toContain('begins')
  streams.child.kill('SIGKILL')
  await streams.ended
  released.resolve()
  await expect.poll(() => said.out).toBe('first last')
  // It still looks whether the stream comes back; nobody has to wait for that.
  child.kill('SIGINT')
  expect(await ended).toBe(0)
})
