/**
 * What does an agent pay for nine questions: how many tokens, and how long does it wait? 100,000 log records; `--full`: 1,000,000.
 *
 * The backend is a process of its own, as with users; the tools run in this one, without the pipe between agent and `tracelog mcp`.
 * Beside the records stand one request that failed (as the sources' contract has it) and one with 5,000 lines.
 */
import { tokensOf } from '../../src/mcp/budget.ts'
import { createMcpServer } from '../../src/mcp/server.ts'
import { logsToJson } from '../../src/model/otlp-json.ts'
import { createLocalSource } from '../../src/sources/local.ts'
import { resourceOf, sourceData } from '../contract/source-data.ts'
import { startDevBackend } from '../support/dev-backend.ts'
import { postJson } from '../support/post-json.ts'
import { announce, median, table } from './support/figures.ts'
import { RARE_WORD, requestOf } from './support/log-data.ts'

const RECORDS = process.argv.includes('--full') ? 1_000_000 : 100_000
const PER_REQUEST = 1_000
const ASKED = 7
const LARGE_ROWS = 5_000
const LARGE_TRACE = '5000'.padEnd(32, 'a')

/** One request with so many lines, of which two are errors. */
function largeRequest(nowMillis: number): unknown {
  const records = Array.from({ length: LARGE_ROWS }, (_, i) => {
    const isError = i % 2_500 === 1_200
    const time = BigInt(nowMillis - 50_000 + i) * 1_000_000n
    return {
      timeUnixNano: time,
      observedTimeUnixNano: time,
      severityNumber: isError ? 17 : i % 4 === 0 ? 5 : 9,
      severityText: isError ? 'error' : i % 4 === 0 ? 'debug' : 'info',
      eventName: '',
      body: isError ? `item ${i} of the order was refused` : `item ${i} of the order was looked up in the stock`,
      attributes: { user: i % 7 },
      traceId: LARGE_TRACE,
      spanId: '00000000000000b1',
      traceFlags: 1,
      droppedAttributesCount: 0,
    }
  })
  const scopes = [{ scope: { name: 'winston', version: '3' }, records }]
  return logsToJson([{ resource: { attributes: resourceOf('orders') }, scopes }])
}

announce(`What do nine questions of an agent cost, at ${RECORDS.toLocaleString('en-US')} records?`)
const backend = await startDevBackend()
try {
  const now = Date.now()
  for (let first = 0; first < RECORDS; first += PER_REQUEST) {
    const body = Buffer.from(requestOf(first, PER_REQUEST, RECORDS, now))
    // oxlint-disable-next-line no-await-in-loop -- the backend is not what is measured here
    await postBytes(`${backend.endpoint}/v1/logs`, body)
  }
  const data = sourceData(now - 60_000)
  await postJson(`${backend.endpoint}/v1/logs`, JSON.parse(data.logsRequest))
  await postJson(`${backend.endpoint}/v1/traces`, JSON.parse(data.tracesRequest))
  await postJson(`${backend.endpoint}/v1/logs`, largeRequest(now))

  const source = createLocalSource({ api: backend.api, token: backend.token })
  const server = createMcpServer({
    version: '0',
    capabilities: source.capabilities,
    open: () => Promise.resolve({ source, page: backend.api }),
  })
  const ask = async (name: string, given: Readonly<Record<string, unknown>>): Promise<string> => {
    const { content, isError } = await server.call({
      name,
      arguments: given,
      signal: new AbortController().signal,
      progress: () => {},
    })
    const text = content.map((part) => part.text).join('')
    if (isError === true) throw new Error(text)
    return text
  }

  type Call = readonly [name: string, given: Readonly<Record<string, unknown>>]
  const failed: Call = ['requests', { sort: 'failed' }]
  const questions: readonly (readonly [what: string, ...calls: Call[]])[] = [
    ['overview', ['overview', {}]],
    ['which request failed and why', failed, ['describe_request', { id: data.traceId.slice(0, 8) }]],
    ['a request of 5,000 rows described', ['describe_request', { id: LARGE_TRACE.slice(0, 8) }]],
    ['the 20 newest requests', ['requests', {}]],
    ['the slowest requests', ['requests', { sort: 'slowest' }]],
    ['errors of the last quarter of an hour', ['logs', { q: 'level>=error' }]],
    ['a rare word of the last day', ['logs', { q: RARE_WORD, since: '25h' }]],
    ['what stood around an error', ['logs', { around: data.traceId.slice(0, 8) }]],
    ['a key that nobody has', ['logs', { q: 'user.idd:42' }]],
  ]
  const rows: (readonly [string, number, number])[] = []
  for (const [what, ...calls] of questions) {
    const times: number[] = []
    let tokens = 0
    for (let round = 0; round < ASKED; round++) {
      const started = performance.now()
      const texts: string[] = []
      // oxlint-disable-next-line no-await-in-loop -- one question at a time is what is measured
      for (const [name, given] of calls) texts.push(await ask(name, given))
      times.push(performance.now() - started)
      tokens = Math.max(tokens, tokensOf(texts.join('')))
    }
    rows.push([what, tokens, median(times)])
  }
  table(['question', 'tokens', 'ms, p50'], rows)
} finally {
  await backend.stop()
}

async function postBytes(url: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf' }
  const answer = await fetch(url, { method: 'POST', headers, body })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}`)
}
