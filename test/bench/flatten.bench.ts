/**
 * How many records a second does `tracelog flatten` make of the Collector's file, and in how much memory?
 *
 * The built command, from a file to a file, as a user runs it. Records as in facts/local-store.md's load: about 600 bytes of OTLP.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { logsToJson } from '../../src/model/otlp-json.ts'
import { announce, median, table } from './support/figures.ts'

const REQUESTS = process.argv.includes('--full') ? 2_000 : 400
const RECORDS_PER_REQUEST = 500
const ROUNDS = 3
const CLI = new URL('../../dist/cli.js', import.meta.url).pathname

/** One line of the file. */
function requestText(n: number): string {
  const records = Array.from({ length: RECORDS_PER_REQUEST }, (_, at) => ({
    timeUnixNano: 1_726_151_722_001_000_000n + BigInt(n * RECORDS_PER_REQUEST + at) * 1_000_000n,
    observedTimeUnixNano: 1_726_151_722_001_000_000n,
    severityNumber: at % 20 === 0 ? 17 : 9,
    severityText: at % 20 === 0 ? 'error' : 'info',
    eventName: at % 5 === 0 ? 'tracelog.http.server.end' : '',
    body: `GET /api/products/${at} answered after ${at % 90} ms`,
    attributes: {
      'http.request.method': 'GET',
      'url.path': `/api/products/${at}`,
      'http.response.status_code': at % 20 === 0 ? 500 : 200,
      'tracelog.response_time_ms': 12.125 + at,
      'tracelog.component': 'http_server',
      'user.id': at,
      'log.record.uid': `0f9c7a12-9a3b-4c5d-8e6f-${String(n * RECORDS_PER_REQUEST + at).padStart(12, '0')}`,
    },
    traceId: (n * RECORDS_PER_REQUEST + at + 1).toString(16).padStart(32, '0'),
    spanId: (at + 1).toString(16).padStart(16, '0'),
    traceFlags: 1,
    droppedAttributesCount: 0,
  }))
  const resource = { attributes: { 'service.name': 'api', 'service.instance.id': 'a-1', 'host.name': 'h' } }
  return `${JSON.stringify(logsToJson([{ resource, scopes: [{ scope: { name: 'winston', version: '' }, records }] }]))}\n`
}

const folder = mkdtempSync(join(tmpdir(), 'tracelog-bench-'))
try {
  const input = join(folder, 'logs.jsonl')
  const output = join(folder, 'all.jsonl')
  const file = createWriteStream(input)
  for (let n = 0; n < REQUESTS; n++) if (!file.write(requestText(n))) await once(file, 'drain')
  file.end()
  await once(file, 'close')

  announce('How many records a second does `tracelog flatten` read?')
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now()
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'flatten', input, '-o', output], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
    seconds.push((performance.now() - started) / 1_000)
  }
  const records = REQUESTS * RECORDS_PER_REQUEST
  // Peak memory as the kernel counts it, told by the child itself.
  const tell = 'process.on("exit", () => console.error(process.resourceUsage().maxRSS))'
  const args = ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, CLI, 'flatten', input, '-o', output]
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  table(
    ['input MB', 'records', 'records/s', 'MB/s', 'peak RSS MB'],
    [
      [
        (statSync(input).size / 1e6).toFixed(0),
        records,
        records / median(seconds),
        statSync(input).size / 1e6 / median(seconds),
        Number(stderr.trim()) / 1024,
      ],
    ],
  )
} finally {
  rmSync(folder, { recursive: true })
}
