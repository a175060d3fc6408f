/**
 * How much does `tracelog dev` take in, on how much disk, and how soon does it answer? 100,000 log records; `--full`: 1,000,000.
 *
 * Requests of 1,000 records are made before the clock runs, then sent over 4 connections as fast as they are acknowledged. Questions
 * are asked over the HTTP API when the store has everything. Server, load and questions share the machine.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { cleanEnv } from './support/contenders.ts'
import { announce, median, percentile, table } from './support/figures.ts'
import { RARE_WORD, RARE_EVERY, requestOf, traceIdOf } from './support/log-data.ts'

const RECORDS = process.argv.includes('--full') ? 1_000_000 : 100_000
const PER_REQUEST = 1_000
const CONNECTIONS = 4
const QUESTIONS = 50
/** A store that has not taken everything in by then is broken. */
const SETTLE_MILLIS = 120_000

interface Ready {
  readonly otlp_http: string
  readonly api: string
  readonly token: string
}
interface Status {
  readonly stored: { readonly logs: number }
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

async function ask<Answer>(ready: Ready, path: string): Promise<Answer> {
  const answer = await fetch(`${ready.api}/api/v1/${path}`, { headers: { authorization: `Bearer ${ready.token}` } })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text) as Answer
}

/** @returns milliseconds until the acknowledgement */
async function post(url: string, body: Uint8Array): Promise<number> {
  const started = performance.now()
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
  const sending = request(`${url}/v1/logs`, { method: 'POST', agent, headers })
  sending.end(body)
  const [answer] = (await once(sending, 'response')) as [import('node:http').IncomingMessage]
  answer.resume()
  await once(answer, 'end')
  if (answer.statusCode !== 200) throw new Error(`POST /v1/logs answered ${answer.statusCode}`)
  return performance.now() - started
}

function bytesOnDisk(folder: string, matches: (name: string) => boolean): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && matches(entry.name))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Median and 95 % of the answers' times, one question after the other. */
async function timed(question: (i: number) => Promise<void>): Promise<readonly [number, number]> {
  const times: number[] = []
  for (let i = -3; i < QUESTIONS; i++) {
    const started = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- one question at a time is what is measured
    await question(i + 3)
    if (i >= 0) times.push(performance.now() - started)
  }
  return [median(times), percentile(times, 0.95)]
}

async function untilStored(ready: Ready): Promise<void> {
  const until = performance.now() + SETTLE_MILLIS
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- polling a condition
    const status = await ask<Status>(ready, 'status')
    if (status.stored.logs >= RECORDS) return
    if (performance.now() > until) throw new Error(`stored ${JSON.stringify(status)} of ${RECORDS} records`)
    // oxlint-disable-next-line no-await-in-loop
    await delay(50)
  }
}

async function start(data: string): Promise<{ child: ChildProcess; ready: Ready; millis: number }> {
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
  const started = performance.now()
  const ports = ['--otlp-http', '0', '--otlp-grpc', '0', '--api', '0']
  const child = spawn(process.execPath, [cli, 'dev', '--json', '--data', data, ...ports], {
    env: cleanEnv({}),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const failed = once(child, 'exit').then(() => {
    throw new Error('tracelog dev ended before it was ready')
  })
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), failed])) as [string]
  failed.catch(() => {})
  return { child, ready: JSON.parse(line) as Ready, millis: performance.now() - started }
}

announce(
  `The backend with ${RECORDS.toLocaleString('en-US')} log records, ${PER_REQUEST} a request, ${CONNECTIONS} connections`,
)
const data = mkdtempSync(join(tmpdir(), 'tracelog-bench-'))
const { child, ready, millis } = await start(data).catch((error: unknown) => {
  rmSync(data, { recursive: true, force: true })
  throw error
})
const stopped = once(child, 'exit')
try {
  const now = Date.now()
  const requests = Array.from({ length: RECORDS / PER_REQUEST }, (_, i) =>
    requestOf(i * PER_REQUEST, PER_REQUEST, RECORDS, now),
  )
  const sent = requests.reduce((sum, { length }) => sum + length, 0)

  const acks: number[] = []
  let next = 0
  const began = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      // oxlint-disable-next-line no-await-in-loop -- one request at a time per connection
      while (next < requests.length) acks.push(await post(ready.otlp_http, requests[next++]!))
    }),
  )
  const acknowledged = performance.now() - began
  await untilStored(ready)
  const settled = performance.now() - began

  let rows = 0
  const trace = await timed(async (i) => {
    const index = Math.floor((i + 0.5) * (RECORDS / (QUESTIONS + 3)))
    rows += (await ask<{ rows: readonly unknown[] }>(ready, `traces/${traceIdOf(index)}`)).rows.length
  })
  if (rows === 0) throw new Error('no trace was found')
  const word = await timed(async () => {
    const { logs } = await ask<{ logs: readonly unknown[] }>(ready, `logs?q=${RARE_WORD}&since=25h`)
    if (logs.length !== RECORDS / RARE_EVERY) throw new Error(`${logs.length} records hold the rare word`)
  })
  const counted = async (path: string): Promise<readonly [number, number]> =>
    await timed(async () => {
      const answer = await ask<{ complete: boolean }>(ready, `${path}&budget_ms=10000`)
      if (!answer.complete) throw new Error(`${path} was not counted to its end`)
    })
  const byLevel = await counted('histogram?buckets=120')
  const byLevelWithText = await counted(`histogram?buckets=120&q=${RARE_WORD}`)
  const topValues = await counted('facets?fields=path&limit=10')
  const fiveFacets = await counted('facets?fields=service,level,path,status,route')

  child.kill('SIGTERM')
  await stopped
  const onDisk = bytesOnDisk(data, (name) => !name.endsWith('.journal'))
  table(
    ['', 'p50', 'p95'],
    [
      ['start until ready, ms', millis, ''],
      ['records/s acknowledged', RECORDS / (acknowledged / 1000), ''],
      ['records/s stored and searchable', RECORDS / (settled / 1000), ''],
      ['one request until acknowledged, ms', median(acks), percentile(acks, 0.95)],
      ['bytes a record sent', sent / RECORDS, ''],
      ['bytes a record in the store, after the stop', onDisk / RECORDS, ''],
      ['one trace by id, ms', ...trace],
      ['a rare word, all hits, ms', ...word],
      ['histogram by level, ms', ...byLevel],
      ['histogram by level of a rare word, ms', ...byLevelWithText],
      ['top 10 values of an attribute, ms', ...topValues],
      ['five facets, ms', ...fiveFacets],
    ],
  )
} finally {
  agent.destroy()
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    await stopped
  }
  rmSync(data, { recursive: true, force: true })
}
