/**
 * Row 24: secrets that stand in headers, cookies, URLs, SQL, a cache, a connection string, arguments and errors leave by no way: not to the
 * endpoint, the file, the spool, standard output of ours or stderr; and neither trace nor baggage goes to hosts that are not listed.
 *
 * The corpus of texts and keys, and that at most 1 % of harmless values change, is test/process/secrets.test.ts.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, test } from 'vitest'

import { runChild, type ChildEnd } from '../support/child.ts'
import { startReceiver } from '../support/receiver.ts'
import { startRespServer } from '../support/resp-server.ts'

const PLACES = [
  'cache',
  'dsn',
  'bearer',
  'sql',
  'token',
  'login',
  'apiKey',
  'query',
  'basic',
  'cookieOut',
  'key',
  'value',
  'attribute',
  'body',
  'field',
  'setCookie',
  'inQuery',
  'cookie',
  'header',
  'incoming',
  'thrown',
  'argument',
] as const
/** Of 30 hosts. */
const LISTED = ['host3.test', 'host17.test']

interface Seen extends ChildEnd {
  readonly secrets: Readonly<Record<string, string>>
  /** All that has left, as text. */
  readonly sink: string
  readonly file: string
  /** The spool's bytes, one character each. */
  readonly spool: string
  readonly heard: ReadonlyMap<string, IncomingHttpHeaders>
}

/** @param isAway  the endpoint asks to come back later, so that all stays in the spool */
async function run(env: Readonly<Record<string, string>> = {}, isAway = false): Promise<Seen> {
  const secrets = Object.fromEntries(PLACES.map((place) => [place, `Zq${randomBytes(9).toString('hex')}`]))
  const heard = new Map<string, IncomingHttpHeaders>()
  const server = createServer((request, response) => {
    heard.set(String(request.headers.host).split(':')[0] ?? '', request.headers)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cache = await startRespServer()
  const receiver = await startReceiver()
  if (isAway) receiver.fault = { status: 503 }
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-privacy-'))
  const path = join(folder, 'all.jsonl')
  try {
    const { port } = server.address() as AddressInfo
    const { argument = '', ...planted } = secrets
    const end = await runChild('scorecard/private.cjs', {
      args: [String(port), String(cache.port), JSON.stringify(planted), '--password', argument, `--token=${argument}`],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        TRACELOG_FILE: path,
        TRACELOG_SPOOL_DIR: join(folder, 'spool'),
        TRACELOG_DEBUG: '1',
        TRACELOG_PROPAGATE_TO: LISTED.join(','),
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=${argument}`,
        ...env,
      },
    })
    const sink = { logs: receiver.receivedLogs, spans: receiver.receivedSpans }
    const text = JSON.stringify(sink, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
    const spool = globSync('spool/*', { cwd: folder }).map((name) => readFileSync(join(folder, name), 'latin1'))
    return { ...end, secrets, sink: text, file: readFileSync(path, 'utf8'), spool: spool.join(''), heard }
  } finally {
    rmSync(folder, { recursive: true })
    await Promise.all([receiver.close(), cache.close()])
    server.closeAllConnections()
    server.close()
  }
}

let seen: Seen
beforeAll(async () => {
  seen = await run()
}, 60_000)

/** What the application itself prints is its own affair. */
function ourLines({ stderr }: ChildEnd): string {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('tracelog: '))
    .join('\n')
}

describe('no secret leaves', () => {
  test.each(PLACES)('%s', (place) => {
    const secret = seen.secrets[place] ?? ''
    expect(seen.sink).not.toContain(secret)
    expect(seen.file).not.toContain(secret)
    expect(ourLines(seen)).not.toContain(secret)
  })

  test('which would, were they not hidden: they were there', async () => {
    const { sink, secrets } = await run({ TRACELOG_REDACT: 'off' })
    const bare = PLACES.filter((place) => sink.includes(secrets[place] ?? ''))
    expect(bare).toEqual(
      expect.arrayContaining(['dsn', 'bearer', 'sql', 'token', 'login', 'apiKey', 'body', 'field', 'thrown']),
    )
    expect(bare.length).toBeGreaterThanOrEqual(12)
  })
})

describe('no secret lies in the spool of an endpoint that is away', () => {
  test('where its lines and spans are', async () => {
    const { spool, secrets } = await run({}, true)
    expect(spool).toContain('http://host29.test')
    expect(PLACES.filter((place) => spool.includes(secrets[place] ?? ''))).toEqual([])
  })

  test('which would, were they not hidden', async () => {
    const { spool, secrets } = await run({ TRACELOG_REDACT: 'off' }, true)
    expect(PLACES.filter((place) => spool.includes(secrets[place] ?? '')).length).toBeGreaterThanOrEqual(12)
  })
})

test('neither trace nor baggage goes to hosts that are not listed', () => {
  const told = [...seen.heard].filter(([, headers]) => headers['traceparent'] !== undefined).map(([host]) => host)
  expect(told.toSorted()).toEqual(LISTED.toSorted())
  expect(seen.heard.size).toBe(31)
  const withBaggage = [...seen.heard].filter(
    ([, headers]) => headers['baggage'] !== undefined || headers['tracestate'] !== undefined,
  )
  expect(withBaggage).toEqual([])
})
