/**
 * How fast is the store without network and journal, how large its file, and how soon does it answer? 100,000 records; `--full`:
 * 1,000,000. Requests of 1,000 records are made before the clock runs.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createQuery } from '../../src/backend/query/create-query.ts'
import { createDuckdbStore } from '../../src/backend/store/duckdb-store.ts'
import { announce, median, percentile, table } from './support/figures.ts'
import { RARE_WORD, requestOf, traceIdOf } from './support/log-data.ts'

const RECORDS = process.argv.includes('--full') ? 1_000_000 : 100_000
const PER_REQUEST = 1_000
const QUESTIONS = 30

const directory = mkdtempSync(join(tmpdir(), 'tracelog-store-bench-'))
const store = createDuckdbStore({ directory })
const query = createQuery(store)

const now = Date.now()
const requests: Uint8Array[] = []
for (let first = 0; first < RECORDS; first += PER_REQUEST) requests.push(requestOf(first, PER_REQUEST, RECORDS, now))
const otlpBytes = requests.reduce((sum, bytes) => sum + bytes.length, 0)

announce(
  `How fast is the store alone? ${RECORDS.toLocaleString('en-US')} records, ${Math.round(otlpBytes / RECORDS)} bytes of OTLP each`,
)
const opened = performance.now()
await store.start()
const openMillis = performance.now() - opened

const cpuBefore = process.cpuUsage()
const started = performance.now()
let sequence = 0
for (const bytes of requests.splice(0)) {
  await store.room()
  store.append({ sequence: ++sequence, signal: 'logs', bytes, receivedUnixNano: BigInt(now) * 1_000_000n })
}
await store.flush()
const visibleMillis = performance.now() - started
await store.roll()
const committedMillis = performance.now() - started
const cpu = process.cpuUsage(cpuBefore)
const peakRss = process.resourceUsage().maxRSS / 1024

const rows: [string, number, number][] = []
async function ask(what: string, question: (i: number) => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let i = 0; i < QUESTIONS; i++) {
    const before = performance.now()
    await question(i)
    times.push(performance.now() - before)
  }
  rows.push([what, median(times), percentile(times, 0.95)])
}
await ask('one trace, as a tree', async (i) => {
  const tree = await query.trace(traceIdOf((i * 7_919) % RECORDS))
  if (tree === undefined) throw new Error('A trace is missing')
})
await ask('rare word, all hits', async () => await query.logs({ q: RARE_WORD }))
await ask('newest 100', async () => await query.logs({ limit: 100 }))
await ask('service + severity, newest 100', async (i) => {
  const { logs } = await query.logs({ q: `level>=error service:*${i % 20}`, limit: 100 })
  if (logs.length === 0) throw new Error('No error of that service')
})
await ask('top 10 of an attribute', async () => {
  await query.sql('SELECT route, count(*) FROM logs GROUP BY route ORDER BY 2 DESC LIMIT 10')
})
await ask('services', async () => await query.services())
await ask('newest 50 requests', async () => await query.requests({ limit: 50 }))
await store.stop()

const again = createDuckdbStore({ directory })
const reopened = performance.now()
await again.start()
const reopenMillis = performance.now() - reopened
const { bytes, logs } = await again.stats()
await again.stop()
if (logs !== RECORDS) throw new Error(`The store has ${logs} records of ${RECORDS}`)
rmSync(directory, { recursive: true, force: true })

table(
  ['what', 'figure'],
  [
    ['records/s until visible', (RECORDS / visibleMillis) * 1_000],
    ['records/s until in the file', (RECORDS / committedMillis) * 1_000],
    ['CPU s per 1 M, rolls included', (cpu.user + cpu.system) / RECORDS],
    ['peak RSS, MB (with the load in it)', peakRss],
    ['bytes/record', bytes / RECORDS],
    ['open a new store, ms', openMillis],
    ['open it again, ms', reopenMillis],
  ],
)
table(['question', 'p50 ms', 'p95 ms'], rows)
