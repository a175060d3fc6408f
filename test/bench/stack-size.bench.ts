/**
 * What does one log record cost in each place of the stack? Bytes on the wire, in the Collector's queue, in the aggregated file,
 * in Loki; CPU and memory of the Collector and Loki meanwhile. The figures of collector/README.md, "Sizing".
 *
 * Standalone Collector, Loki and the sender share the machine: the rate is that of all of them together.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from '../support/servers/free-port.ts'
import { startLoki, type Loki } from '../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../support/servers/otelcol.ts'
import { findServer } from '../support/servers/program.ts'
import { announce, table } from './support/figures.ts'
import { requestOf } from './support/log-data.ts'

const RECORDS = process.argv.includes('--full') ? 1_000_000 : 200_000
const PER_REQUEST = 100
const SENDERS = 8
const POLL_MILLIS = 200
/** Source: Linux, USER_HZ. */
const TICKS_PER_SECOND = 100

interface Sent {
  readonly bytes: number
  readonly seconds: number
}

/** Every request until it is taken. */
async function send(url: string, nowMillis: number): Promise<Sent> {
  const started = performance.now()
  let [next, bytes] = [0, 0]
  const sender = async (): Promise<void> => {
    while (next < RECORDS) {
      const first = next
      next += PER_REQUEST
      const body = requestOf(first, PER_REQUEST, RECORDS, nowMillis)
      bytes += body.length
      // Refused for want of room: what a sender of ours does, without its wait.
      while (!(await post(`${url}/v1/logs`, body)));
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, sender))
  return { bytes, seconds: (performance.now() - started) / 1_000 }
}

async function post(url: string, body: Uint8Array): Promise<boolean> {
  const headers = { 'content-type': 'application/x-protobuf' }
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
  await response.body?.cancel()
  return response.ok
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** CPU seconds of all its threads so far, and its peak of memory. */
function usageOf(pid: number): { readonly cpuSeconds: number; readonly peakMiB: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakMiB: Number(peak) / 1024,
  }
}

async function counter(url: string, name: string): Promise<number> {
  const text = await (await fetch(url)).text()
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))]
  return values.reduce((sum, [, value]) => sum + Number(value), 0)
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
}

async function startCollector(folder: string, loki: string): Promise<Otelcol> {
  const dead = `http://127.0.0.1:${await freePort()}`
  const queue = { TRACELOG_QUEUE_BYTES: String(4 * 2 ** 30) }
  return await startOtelcol({
    configs: ['standalone.yaml'],
    folder,
    env: { TRACELOG_LOKI: loki, TRACELOG_TEMPO: dead, ...queue },
  })
}

/** While Loki is away: what is kept. */
async function measureQueue(folder: string): Promise<readonly (readonly [string, number])[]> {
  const collector = await startCollector(folder, `http://127.0.0.1:${await freePort()}/otlp`)
  const { bytes } = await send(collector.httpUrl, Date.now())
  const counted = await counter(collector.metricsUrl, 'otelcol_exporter_queue_size')
  await collector.kill()
  return [
    ['bytes of OTLP protobuf, as sent', bytes / RECORDS],
    ['bytes that TRACELOG_QUEUE_BYTES counts', counted / RECORDS],
    ['bytes of the queue on disk', sizeOf(join(folder, 'data', 'queue')) / RECORDS],
    ['bytes in the aggregated file', sizeOf(join(folder, 'aggregate')) / RECORDS],
  ]
}

/** Until all is in Loki, and Loki has written it to its chunks. */
async function measureLoki(folder: string, loki: Loki): Promise<readonly (readonly [string, number])[]> {
  const collector = await startCollector(join(folder, 'through'), loki.otlpUrl)
  const started = performance.now()
  const { seconds } = await send(collector.httpUrl, Date.now())
  await until(async () => (await counter(`${loki.url}/metrics`, 'loki_distributor_lines_received_total')) >= RECORDS)
  const [ofCollector, ofLoki] = [usageOf(collector.pid), usageOf(loki.pid)]
  const through = (performance.now() - started) / 1_000
  await collector.kill()
  await fetch(`${loki.url}/flush`, { method: 'POST' })
  await until(async () => (await counter(`${loki.url}/metrics`, 'loki_ingester_memory_chunks')) === 0)
  const million = 1_000_000 / RECORDS
  return [
    ['records/s acknowledged', RECORDS / seconds],
    ['records/s into Loki', RECORDS / through],
    ['Collector, CPU s for a million', ofCollector.cpuSeconds * million],
    ['Collector, peak MiB', ofCollector.peakMiB],
    ['Loki, CPU s for a million', ofLoki.cpuSeconds * million],
    ['Loki, peak MiB', ofLoki.peakMiB],
    ["bytes in Loki's chunks", sizeOf(join(folder, 'loki', 'chunks')) / RECORDS],
  ]
}

announce(`What does one log record cost in each place of the stack? (${RECORDS.toLocaleString('en-US')} records)`)
if (findServer('otelcol') === undefined || findServer('loki') === undefined) {
  console.log('needs otelcol and loki; to get them: node .ci/servers.mjs otelcol loki')
  process.exit()
}
const folder = mkdtempSync(join(tmpdir(), 'tracelog-stack-size-'))
try {
  const queue = await measureQueue(join(folder, 'queue'))
  const loki = await startLoki(join(folder, 'loki'))
  const stored = await measureLoki(folder, loki)
  await loki.kill()
  table(['', 'a record'], [...queue, ...stored])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
