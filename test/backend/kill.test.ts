/**
 * The promise of the backend: what was answered 200 is there after kill -9, whenever it falls.
 *
 * A real process with the DuckDB store under load from four connections, killed at a random moment, started again on the
 * same directory, killed again. Each record's body is its number; the ledger knows which numbers were acknowledged.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'

import { describe, expect, onTestFinished, test } from 'vitest'

import type { BackendReady } from '../../src/backend/backend.ts'
import { slack } from '../support/machine.ts'
import { protobufjsEncode } from '../support/otlp-proto.ts'
import { temporaryDirectory } from './support/backend.ts'

/** In CI; nightly runs raise it. */
const KILLS = Number(process.env['TRACELOG_TEST_KILLS'] ?? 20)
const RECORDS_PER_POST = 50
const CONNECTIONS = 4
/** Each life lasts up to this after its first acknowledgement. Milliseconds. */
const MAX_LIFE_MILLIS = 150

interface Life {
  readonly child: ChildProcess
  readonly ready: BackendReady
  /** From the spawn to the ready line. */
  readonly openedMillis: number
}

async function start(directory: string): Promise<Life> {
  const started = performance.now()
  const program = new URL('./support/backend-process.ts', import.meta.url)
  const child = fork(program, [directory], { execArgv: ['--no-warnings', '--experimental-strip-types'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [ready] = (await once(child, 'message')) as [BackendReady]
  return { child, ready, openedMillis: performance.now() - started }
}

/** Resolves with whether it was answered 200; never rejects: the connection may break at any moment. */
function post(url: string, agent: Agent, numbers: readonly number[]): Promise<boolean> {
  const logRecords = numbers.map((number) => ({ body: { stringValue: String(number) } }))
  const body = protobufjsEncode('ExportLogsServiceRequest', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const sending = request(`${url}/v1/logs`, { method: 'POST', agent, headers }, (response) => {
      response.on('error', () => resolve(false))
      response.on('close', () => resolve(false))
      response.on('end', () => resolve(response.statusCode === 200))
      response.resume()
    })
    sending.on('error', () => resolve(false))
    sending.end(body)
  })
}

class Ledger {
  readonly acknowledged = new Set<number>()
  #next = 0

  get sent(): number {
    return this.#next
  }

  /** Posts one after the other until the backend is gone. */
  async send(url: string, agent: Agent): Promise<void> {
    for (;;) {
      const numbers = Array.from({ length: RECORDS_PER_POST }, () => this.#next++)
      // oxlint-disable-next-line no-await-in-loop -- one request at a time per connection
      if (!(await post(url, agent, numbers))) return
      for (const number of numbers) this.acknowledged.add(number)
    }
  }
}

async function liveAndDie(directory: string, ledger: Ledger): Promise<number> {
  const { child, ready, openedMillis } = await start(directory)
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const senders = Array.from({ length: CONNECTIONS }, () => ledger.send(ready.otlp_http, agent))
  setTimeout(() => child.kill('SIGKILL'), Math.random() * MAX_LIFE_MILLIS)
  await once(child, 'exit')
  await Promise.all(senders)
  agent.destroy()
  return openedMillis
}

async function storedBodies(directory: string): Promise<readonly string[]> {
  const { child } = await start(directory)
  child.send('bodies')
  const [bodies] = (await once(child, 'message')) as [string[]]
  child.send('stop')
  await once(child, 'exit')
  return bodies
}

describe('a backend that is killed under load', () => {
  test(`loses nothing that it acknowledged, ${KILLS} times over`, { timeout: 20_000 + KILLS * 5_000 }, async () => {
    const directory = temporaryDirectory()
    const ledger = new Ledger()
    const opened: number[] = []
    // oxlint-disable-next-line no-await-in-loop -- one life after the other
    for (let kill = 0; kill < KILLS; kill++) opened.push(await liveAndDie(directory, ledger))

    // The fault really happened: lives were cut off between a request and its answer.
    expect(ledger.acknowledged.size).toBeGreaterThan(KILLS * RECORDS_PER_POST)
    expect(ledger.sent).toBeGreaterThan(ledger.acknowledged.size)

    const bodies = await storedBodies(directory)
    const stored = new Set(bodies.map(Number))
    expect([...ledger.acknowledged].filter((number) => !stored.has(number))).toEqual([])
    expect(stored.size).toBe(bodies.length)
    expect([...stored].filter((number) => !(number < ledger.sent))).toEqual([])
    expect(Math.max(...opened)).toBeLessThan(slack(10_000))
    // A clean stop commits everything, so that nothing is replayed any more.
    const again = await storedBodies(directory)
    expect(again).toHaveLength(bodies.length)
  })
})
