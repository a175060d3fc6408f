import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { startBackendWith } from '../../src/backend/backend.ts'
import { lockDirectory } from '../../src/segments/directory-lock.ts'
import { send, startTestBackend, temporaryDirectory, testConfig } from './support/backend.ts'
import { memoryStages } from './support/memory-store.ts'

const portOf = (url: string): number => Number(new URL(url).port)
const log = (text: string): string =>
  JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }] })
const post = (url: string, body: string): Promise<{ readonly status: number }> =>
  send(`${url}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

function canConnect(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

describe('a backend', () => {
  test('says how to reach it, in one object, as the contract says', async () => {
    const { ready } = await startTestBackend({ token: 'a-token-of-mine' })
    expect(ready).toEqual({
      ready: true,
      pid: process.pid,
      otlp_http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      otlp_grpc: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      token: 'a-token-of-mine',
      data: expect.stringMatching(/^\//),
    })
    expect(JSON.parse(readFileSync(join(ready.data, 'backend.json'), 'utf8'))).toEqual(ready)
  })

  test('makes a new token at each start, and keeps its files to their owner', async () => {
    const [first, second] = await Promise.all([startTestBackend(), startTestBackend()])
    expect(first.ready.token).toMatch(/^[\w-]{32}$/)
    expect(first.ready.token).not.toBe(second.ready.token)
    await post(first.ready.otlp_http, log('a'))
    const { data } = first.ready
    const mode = (path: string): string => (statSync(join(data, path)).mode & 0o777).toString(8)
    const [segment = ''] = readdirSync(join(data, 'journal'))
    expect([mode('.'), mode('journal'), mode('backend.json'), mode(`journal/${segment}`)]).toEqual([
      '700',
      '700',
      '600',
      '600',
    ])
  })

  test('closes a data directory that stood open', async () => {
    const data = join(temporaryDirectory(), 'open')
    mkdirSync(data, { mode: 0o755 })
    await startTestBackend({ dataDirectory: data })
    expect(statSync(data).mode & 0o777).toBe(0o700)
  })

  test('listens on both loopback addresses and on no other', async () => {
    const { ready } = await startTestBackend()
    const hasIpv6 = await canConnect(portOf(ready.api), '::1')
    const probe = createServer().listen({ port: 0, host: '::1' })
    const isIpv6There = await new Promise((resolve) => {
      probe.on('listening', () => resolve(true))
      probe.on('error', () => resolve(false))
    })
    onTestFinished(() => void probe.close())
    expect(hasIpv6).toBe(isIpv6There)
    expect(await canConnect(portOf(ready.api), '127.0.0.1')).toBe(true)
    expect(await canConnect(portOf(ready.api), '127.0.0.2')).toBe(false)
  })

  test('names the port and its owner when the port is taken, and leaves nothing behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const data = temporaryDirectory()
    const starting = startBackendWith(memoryStages, testConfig(data, { apiPort: port }))
    await expect(starting).rejects.toMatchObject({
      code: 'TRACELOG_PORT_IN_USE',
      message: expect.stringMatching(
        new RegExp(`^port ${port} \\(the API and the page\\) is taken by (process ${process.pid} |another)`),
      ),
      hint: expect.stringContaining('--api'),
    })
    expect(readdirSync(data).toSorted()).toEqual(['journal', 'token'])
    await startTestBackend({ dataDirectory: data })
  })

  test('refuses a directory that a living process has, naming its pid', async () => {
    const { ready } = await startTestBackend()
    await expect(startBackendWith(memoryStages, testConfig(ready.data))).rejects.toMatchObject({
      code: 'TRACELOG_ALREADY_RUNNING',
      message: `the data directory is ${ready.data}, which process ${process.pid} already uses`,
    })
    expect((await post(ready.otlp_http, log('still there'))).status).toBe(200)
  })

  test.each([
    { what: 'of a process that is gone', text: '{"pid":4194304}' },
    { what: 'of a pid that was given out again', text: `{"pid":${process.pid},"start":"another boot:1"}` },
    { what: 'that is empty', text: '' },
    { what: 'that is torn', text: '{"pi' },
  ])('takes over a lock $what', ({ text }) => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'lock'), text)
    const lock = lockDirectory(directory)
    expect(JSON.parse(readFileSync(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    expect(() => lockDirectory(directory)).toThrow(`process ${process.pid} already uses`)
    lock.release()
    lock.release()
    expect(readdirSync(directory)).toEqual([])
  })

  test('stops once, finishes what it acknowledged, and removes backend.json, lock and journal', async () => {
    const { ready, stages, stop } = await startTestBackend()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => post(ready.otlp_http, log(`r${index}`))))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
    await Promise.all([stop(), stop()])
    expect(stages.bodies()).toHaveLength(20)
    expect(existsSync(join(ready.data, 'backend.json'))).toBe(false)
    expect(existsSync(join(ready.data, 'lock'))).toBe(false)
    await vi.waitFor(() => expect(readdirSync(join(ready.data, 'journal'))).toEqual([]), 10_000)
    expect(await canConnect(portOf(ready.otlp_http), '127.0.0.1')).toBe(false)
  })

  test('hands the next start what the store had not committed', async () => {
    const data = temporaryDirectory()
    const first = memoryStages()
    // A store that forgets: nothing is ever committed.
    const store = { ...first.store, onCommitted: () => () => {} }
    const backend = await startBackendWith(() => ({ store, query: first.query }), testConfig(data))
    await post(backend.ready.otlp_http, log('kept'))
    await backend.stop()

    const next = await startTestBackend({ dataDirectory: data })
    expect(next.replayed).toMatchObject({ requests: 1, records: 1, damages: 0 })
    expect(next.stages.bodies()).toEqual(['kept'])
  })

  test('answers 503 with Retry-After when the store does not catch up', async () => {
    const { ready, stages } = await startTestBackend()
    stages.isFull = true
    const headers = { 'content-type': 'application/json' }
    const answer = await send(`${ready.otlp_http}/v1/logs`, { method: 'POST', headers, body: log('a') })
    stages.isFull = false
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expect((await post(ready.otlp_http, log('b'))).status).toBe(200)
  })
})
