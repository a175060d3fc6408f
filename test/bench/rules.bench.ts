/**
 * What rules cost `tracelog dev`: records acknowledged in a second, with no file of rules, and with rules of each kind.
 *
 * Each slice is a backend of its own, which is sent the same requests of 1,000 records over 4 connections; the kinds take turns.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { cleanEnv } from './support/contenders.ts'
import { announce, median, table } from './support/figures.ts'
import { requestOf } from './support/log-data.ts'

const RECORDS = process.argv.includes('--full') ? 400_000 : 100_000
const ROUNDS = process.argv.includes('--full') ? 7 : 5
const PER_REQUEST = 1_000
const CONNECTIONS = 4
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const KINDS: Readonly<Record<string, string | undefined>> = {
  'no file': undefined,
  'a file without rules': 'tracelog: {}',
  'one rule, drop, which meets nothing': "rules: [{name: a, when: 'level:fatal', do: drop}]",
  'one rule, drop, which meets a level': "rules: [{name: a, when: 'level:info', do: drop}]",
  'one rule, tag, which meets all': 'rules: [{name: a, do: {tag: {team: billing}}}]',
  'one rule, file, which meets all': 'rules: [{name: a, do: {file: {path: all.jsonl}}}]',
  'ten rules, drop, which meet nothing': `rules: [${Array.from({ length: 10 }, (_, n) => `{name: r${n}, when: 'level:fatal a:${n}', do: drop}`).join(', ')}]`,
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

async function post(url: string, body: Uint8Array): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
  const sending = request(`${url}/v1/logs`, { method: 'POST', agent, headers })
  sending.end(body)
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  answer.resume()
  await once(answer, 'end')
  if (answer.statusCode !== 200) throw new Error(`POST /v1/logs answered ${answer.statusCode}`)
}

async function start(folder: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const ports = ['--otlp-http', '0', '--otlp-grpc', '0', '--api', '0']
  const child = spawn(process.execPath, [CLI, 'dev', '--json', '--data', join(folder, 'data'), ...ports], {
    env: cleanEnv({}),
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, url: (JSON.parse(line) as { readonly otlp_http: string }).otlp_http }
}

const now = Date.now()
const requests = Array.from({ length: RECORDS / PER_REQUEST }, (_, i) =>
  requestOf(i * PER_REQUEST, PER_REQUEST, RECORDS, now),
)

/** @returns records in a second */
async function slice(rules: string | undefined): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-bench-'))
  if (rules !== undefined) writeFileSync(join(folder, 'tracelog.yaml'), rules)
  const { child, url } = await start(folder)
  try {
    await post(url, requests[0]!)
    const started = performance.now()
    const waiting = [...requests]
    const send = async (): Promise<void> => {
      // oxlint-disable-next-line no-await-in-loop -- one request per connection at a time
      for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) await post(url, body)
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, send))
    return RECORDS / ((performance.now() - started) / 1_000)
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

const bytes = Math.round(requests.reduce((sum, { length }) => sum + length, 0) / RECORDS)
announce(
  `Rules of the backend: ${RECORDS.toLocaleString('en-US')} records of ${bytes} bytes, ${ROUNDS} rounds in turns`,
)
const rates = new Map(Object.keys(KINDS).map((kind) => [kind, [] as number[]]))
for (let round = 0; round < ROUNDS; round++) {
  // oxlint-disable-next-line no-await-in-loop -- one backend at a time
  for (const [kind, rules] of Object.entries(KINDS)) rates.get(kind)!.push(await slice(rules))
}
const base = median(rates.get('no file')!)
table(
  ['rules', 'records/s', 'of no file'],
  [...rates].map(([kind, all]) => [
    kind,
    Math.round(median(all)).toLocaleString('en-US'),
    (median(all) / base).toFixed(2),
  ]),
)
agent.destroy()
