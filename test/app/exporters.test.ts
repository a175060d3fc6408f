/**
 * Exporters of OpenTelemetry's SDK as ways out: `zipkin` by name, from the application's own packages, and those that are given to
 * start(). OTEL_TRACES_EXPORTER and OTEL_EXPORTER_ZIPKIN_ENDPOINT.
 */
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runChild, type ChildEnd } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface ZipkinSpan {
  readonly traceId: string
  readonly id: string
  readonly parentId?: string
  readonly name: string
}

/** A Zipkin that keeps what it gets, and answers with the statuses of a list, then 202. */
async function startZipkin(...statuses: number[]) {
  const bodies: ZipkinSpan[][] = []
  const requests: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      requests.push(`${request.method} ${request.url} ${request.headers['content-type']}`)
      const status = statuses.shift() ?? 202
      if (status === 202) bodies.push(JSON.parse(body) as ZipkinSpan[])
      response.writeHead(status).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/spans`,
    bodies,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

function run(program: string, env: Record<string, string>, ...args: string[]): Promise<ChildEnd> {
  return runChild(program, {
    args,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'shop', ...env },
  })
}

const said = ({ stderr }: ChildEnd) => stderr.split('\n').filter((line) => line.startsWith('tracelog: '))

describe('zipkin', () => {
  test.each(['on', 'off'])(
    'gets the spans as its JSON, at the natural end too, and otlp nothing (worker: %s)',
    async (worker) => {
      await using zipkin = await startZipkin()
      const end = await run('extend/spans.cjs', {
        OTEL_TRACES_EXPORTER: 'zipkin',
        OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkin.url,
        TRACELOG_WORKER: worker,
      })
      expect([end.code, said(end)]).toEqual([0, []])
      expect(zipkin.requests).toEqual(['POST /api/v2/spans application/json'])
      const [pay, checkout] = zipkin.bodies.flat()
      expect(pay).toMatchObject({
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        parentId: checkout?.id,
        name: 'pay',
        kind: 'CLIENT',
        timestamp: 1_700_000_001_000_000,
        duration: 1_000_000,
        localEndpoint: { serviceName: 'shop' },
        tags: { 'otel.status_code': 'ERROR', error: 'declined', 'service.name': 'shop' },
        annotations: [{ timestamp: 1_700_000_001_500_000, value: 'retried' }],
      })
      expect(checkout).toMatchObject({
        traceId: pay?.traceId,
        name: 'checkout',
        kind: 'SERVER',
        timestamp: 1_700_000_000_000_005,
        tags: { n: '1', token: '[redacted]' },
      })
      expect(checkout).not.toHaveProperty('parentId')
      expect(receiver.receivedSpans).toEqual([])
    },
  )

  test('beside otlp both get all, each with its own numbers; one that is busy is asked again', async () => {
    await using zipkin = await startZipkin(503, 429)
    const end = await run(
      'extend/spans.cjs',
      { OTEL_TRACES_EXPORTER: 'otlp,zipkin', OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkin.url },
      'stats',
    )
    const { lanes } = JSON.parse(end.stdout) as { lanes: { signal: string; lane: string }[] }
    const spans = lanes.filter(({ signal }) => signal === 'spans')
    expect(spans).toMatchObject([
      { lane: 'otlp', isPrimary: true, emitted: 2, delivered: 2 },
      { lane: 'zipkin', isPrimary: false, emitted: 2, delivered: 2, endpoint: 'up' },
    ])
    expect(zipkin.requests).toHaveLength(3)
    expect(receiver.receivedSpans).toHaveLength(2)
  })

  test('that refuses for good loses its spans, counted and said', async () => {
    await using zipkin = await startZipkin(400, 400, 400)
    const env = { OTEL_TRACES_EXPORTER: 'zipkin', OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkin.url }
    const end = await run('extend/spans.cjs', env, 'stats')
    expect(zipkin.requests).toHaveLength(1)
    expect(said(end)[0]).toMatch(/^tracelog: 2 spans dropped \(rejected: HTTP 400 from 127\.0\.0\.1:\d+\)/)
  })

  test('that is away: one line that names its own variable', async () => {
    const zipkin = await startZipkin()
    await zipkin[Symbol.asyncDispose]()
    const env = { OTEL_TRACES_EXPORTER: 'zipkin', OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkin.url }
    const end = await run('extend/spans.cjs', env)
    expect(said(end)).toEqual([
      `tracelog: nothing answers at ${new URL(zipkin.url).host} (ECONNREFUSED). To send them elsewhere, set OTEL_EXPORTER_ZIPKIN_ENDPOINT.`,
      'tracelog: 2 spans dropped (process_end)',
    ])
  })

  describe('in an application', () => {
    let project = ''
    beforeEach(() => {
      project = mkdtempSync(join(tmpdir(), 'tracelog-exporters-'))
      mkdirSync(join(project, 'node_modules/@opentelemetry'), { recursive: true })
      symlinkSync(`${ROOT}node_modules/@opentelemetry/api`, join(project, 'node_modules/@opentelemetry/api'))
      cpSync(`${ROOT}test/fixtures/extend/spans.cjs`, join(project, 'spans.cjs'))
    })
    afterEach(() => rmSync(project, { recursive: true }))

    test.each([
      { version: undefined, what: 'is not installed' },
      { version: '1.30.1', what: 'is 1.30.1' },
    ])('that has none ($version): one line with the command, and otlp stays', async ({ version, what }) => {
      const folder = join(project, 'node_modules/@opentelemetry/exporter-zipkin')
      if (version !== undefined) {
        mkdirSync(folder)
        const content = { name: '@opentelemetry/exporter-zipkin', version, main: 'index.js' }
        writeFileSync(join(folder, 'package.json'), JSON.stringify(content))
        writeFileSync(join(folder, 'index.js'), 'throw new Error("never loaded")')
      }
      const end = await run(join(project, 'spans.cjs'), { OTEL_TRACES_EXPORTER: 'zipkin' })
      expect([end.code, said(end)]).toEqual([
        0,
        [
          `tracelog: OTEL_TRACES_EXPORTER names zipkin, but @opentelemetry/exporter-zipkin ${what} in this application: spans go by ` +
            'otlp instead. Run: npm install @opentelemetry/exporter-zipkin@3',
        ],
      ])
      expect(receiver.receivedSpans).toHaveLength(2)
    })

    test('that has it only inside of sdk-node: it is found there', async () => {
      await using zipkin = await startZipkin()
      const folder = join(project, 'node_modules/@opentelemetry/sdk-node')
      mkdirSync(join(folder, 'node_modules/@opentelemetry'), { recursive: true })
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@opentelemetry/sdk-node', main: 'index.js' }))
      writeFileSync(join(folder, 'index.js'), 'throw new Error("never loaded")')
      symlinkSync(
        `${ROOT}node_modules/@opentelemetry/exporter-zipkin`,
        join(folder, 'node_modules/@opentelemetry/exporter-zipkin'),
      )
      const env = { OTEL_TRACES_EXPORTER: 'zipkin', OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkin.url }
      const end = await run(join(project, 'spans.cjs'), env)
      expect(said(end)).toEqual([])
      expect(zipkin.bodies.flat()).toHaveLength(2)
    })
  })
})

interface Told {
  readonly seen: readonly object[]
  readonly names: readonly string[]
  readonly tries: number
  readonly lanes: readonly { readonly signal: string; readonly lane: string; readonly dropped: object }[]
}

interface Chatty {
  readonly logged: readonly string[]
  readonly printed: number
  readonly lanes: readonly object[]
}

describe('exporters given to start()', () => {
  const runOurs = (...args: string[]) =>
    runChild('extend/exporters.mjs', { args, preload: 'none', env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })

  test('are ways out of their own: each gets all, and one that fails harms no other', async () => {
    const end = await runOurs()
    const { seen, names, tries, lanes } = JSON.parse(end.stdout) as Told
    expect(seen).toMatchObject([
      { body: 'one', attributes: { password: '[redacted]', n: 1 }, isTimed: true },
      { body: 'two', isTimed: true },
    ])
    expect(names).toEqual(['work'])
    // The first try found nobody and was repeated; what it threw at lost that batch, and no other.
    expect(tries).toBe(3)
    expect(lanes).toMatchObject([
      { signal: 'logs', lane: 'otlp', isPrimary: true, emitted: 2, delivered: 2 },
      { signal: 'logs', lane: 'InMemoryLogRecordExporter', emitted: 2, delivered: 2 },
      { signal: 'logs', lane: 'Moody', emitted: 2, delivered: 1, dropped: { rejected: 1 } },
      { signal: 'spans', lane: 'otlp', delivered: 1 },
      { signal: 'spans', lane: 'InMemorySpanExporter', delivered: 1 },
    ])
    const bodies = receiver.receivedLogs.map(({ record }) => record.body)
    expect(bodies).toEqual(expect.arrayContaining(['one', 'two']))
  })

  test('have all at the natural end', async () => {
    const { seen, names } = JSON.parse((await runOurs('natural')).stdout) as Told
    expect([seen.length, names]).toEqual([1, ['work']])
  })

  test('may log while they export, at once or later: it is printed, and does not come back to them as a record', async () => {
    const end = await runOurs('chatty')
    expect([end.code, said(end)]).toEqual([0, []])
    const { logged, printed, lanes } = JSON.parse(end.stdout.split('\n').at(-1) ?? '') as Chatty
    expect([logged, printed]).toEqual([['one', 'two'], 4])
    expect(lanes).toMatchObject([
      { lane: 'otlp', emitted: 2, delivered: 2 },
      { lane: 'Chatty', emitted: 2, delivered: 2 },
    ])
    expect(receiver.receivedLogs.map(({ record }) => record.body)).toEqual(['one', 'two'])
  })

  test('do not hold up the end of a process; what they have not taken is counted as lost', async () => {
    const end = await runOurs('exit')
    expect(end.code).toBe(0)
    expect(receiver.receivedLogs.map(({ record }) => record.body)).toContain('one')
    expect(said(end).join('\n')).toContain('tracelog: 1 record dropped by the lane exporter (process_end)')
  })

  test('beside the preload are not taken, which is said, with what to do', async () => {
    const end = await run('extend/exporters.mjs', {})
    expect(said(end)).toEqual([expect.stringContaining('give them in a BatchLogRecordProcessor or BatchSpanProcessor')])
    expect(receiver.receivedLogs.length).toBeGreaterThan(0)
  })
})
