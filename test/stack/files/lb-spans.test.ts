/**
 * HAProxy's lines become spans: HAProxy -> the Collector -> `tracelog lb-spans` -> the Collector -> Tempo.
 *
 *   (test) GET /            no span: the test is no service
 *     haproxy GET           made by lb-spans of the access line
 *       app GET             parent: the span id that HAProxy sent on
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import { startChild, type RunningChild } from '../../support/child.ts'
import { hasProgram, requireThat } from '../../support/require.ts'
import { freePorts } from '../../support/servers/free-port.ts'
import { COLLECTOR_FOLDER, startOtelcol } from '../../support/servers/otelcol.ts'
import { findServer } from '../../support/servers/program.ts'
import { isOk, startServer } from '../../support/servers/server-process.ts'
import { startTempo } from '../../support/servers/tempo.ts'

const CLI = new URL('../../../dist/cli.js', import.meta.url).pathname
const isThere = findServer('otelcol') !== undefined && findServer('tempo') !== undefined && hasProgram('haproxy')
const withAll = requireThat(
  isThere,
  'needs otelcol, tempo and haproxy; to get them: node .ci/servers.mjs otelcol, apt-get install -y haproxy',
)

interface TempoSpan {
  readonly service: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly kind: string
  readonly status: string | undefined
}

interface TempoTrace {
  readonly batches?: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[]
    }
    readonly scopeSpans: readonly { readonly spans: readonly Record<'spanId' | 'parentSpanId' | 'kind', string>[] }[]
  }[]
}

async function spansOf(tempoUrl: string, traceId: string): Promise<TempoSpan[]> {
  const response = await fetch(`${tempoUrl}/api/traces/${traceId}`)
  if (!response.ok) return []
  return ((await response.json()) as TempoTrace).batches!.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '',
        spanId: hexOf(span.spanId),
        parentSpanId: hexOf(span.parentSpanId),
        kind: span.kind,
        status: (span as { status?: { code?: string } }).status?.code,
      })),
    ),
  )
}

/** Tempo writes ids in base64. */
const hexOf = (id: string | undefined): string => Buffer.from(id ?? '', 'base64').toString('hex')

async function startScene() {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-lb-spans-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [front, app, syslog, bridgePort, batched] = await freePorts(5)
  const tempo = await startTempo(join(folder, 'tempo'))
  onTestFinished(() => tempo.kill())
  const collector = await startOtelcol({
    configs: ['standalone.yaml', 'receivers/haproxy.yaml', 'lb-spans.yaml'],
    folder: join(folder, 'otelcol'),
    env: {
      TRACELOG_LOKI: 'http://127.0.0.1:9',
      TRACELOG_TEMPO: tempo.otlpUrl,
      TRACELOG_HAPROXY_LISTEN: `127.0.0.1:${syslog}`,
      TRACELOG_BATCHED: `127.0.0.1:${batched}`,
      TRACELOG_LB_SPANS: `http://127.0.0.1:${bridgePort}`,
    },
  })
  onTestFinished(() => collector.kill())
  const server = startChild('collector/upstream.mjs', {
    args: [String(app)],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl, OTEL_SERVICE_NAME: 'app' },
  })
  onTestFinished(async () => {
    server.kill('SIGTERM')
    await server.ended
  })
  await server.prints('listens')
  const url = `http://127.0.0.1:${front}`
  const haproxy = await startServer({
    name: 'haproxy',
    program: 'haproxy',
    args: ['-db', '-f', join(COLLECTOR_FOLDER, 'load-balancers', 'haproxy.cfg')],
    env: {
      TRACELOG_LB_LISTEN: `127.0.0.1:${front}`,
      TRACELOG_LB_UPSTREAM_A: `127.0.0.1:${app}`,
      TRACELOG_LB_UPSTREAM_B: `127.0.0.1:${app}`,
      TRACELOG_LB_SYSLOG: `127.0.0.1:${syslog}`,
    },
    isReady: () => isOk(`${url}/ready`),
  })
  onTestFinished(() => haproxy.stop())
  const startBridge = async (): Promise<RunningChild> => {
    const bridge = startChild(CLI, {
      preload: 'none',
      args: ['lb-spans', '--port', String(bridgePort)],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl },
    })
    onTestFinished(() => bridge.kill('SIGKILL'))
    await bridge.prints('takes records')
    return bridge
  }
  return { url, tempo, startBridge, bridgeUrl: `http://127.0.0.1:${bridgePort}` }
}

withAll("each hop is one span, parent of the server's, whatever becomes of the bridge", async () => {
  const { url, tempo, startBridge, bridgeUrl } = await startScene()
  let bridge = await startBridge()
  /** Trace -> the span id that HAProxy sent on. */
  const hops = new Map<string, string>()
  const statuses = new Map<string, number>()
  const send = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const response = await fetch(`${url}${n % 5 === 4 ? '/fail' : `/items/${n}`}`)
      const { traceparent } = (await response.json()) as { traceparent: string }
      const [, traceId, spanId] = traceparent.split('-') as [string, string, string]
      hops.set(traceId, spanId)
      statuses.set(traceId, response.status)
    }
  }
  await send(50)
  for (let round = 0; round < 3; round++) {
    // In the middle of what the Collector sends it, most likely.
    const sending = send(100)
    bridge.kill('SIGKILL')
    await bridge.ended
    await sending
    bridge = await startBridge()
    await send(50)
  }

  const read = async (): Promise<string[]> => {
    const faults: string[] = []
    for (const [traceId, spanId] of hops) {
      const spans = await spansOf(tempo.url, traceId)
      // At least once: what a bridge passed on and was killed before it said so comes again, under the same id.
      const ofHaproxy = spans.filter(({ service }) => service === 'haproxy')
      const mine = [...new Map(ofHaproxy.map((span) => [span.spanId, span])).values()]
      const [hop] = mine
      const isError = statuses.get(traceId) === 500
      if (mine.length !== 1) faults.push(`${mine.length} spans of HAProxy in ${traceId}`)
      else if (
        hop?.spanId !== spanId ||
        hop.kind !== 'SPAN_KIND_SERVER' ||
        (hop.status === 'STATUS_CODE_ERROR') !== isError
      )
        faults.push(JSON.stringify(hop))
      else if (!spans.some(({ service, parentSpanId }) => service === 'app' && parentSpanId === spanId))
        faults.push(`no server below ${spanId}`)
      // What is missing is missing everywhere, mostly: one is enough to go on waiting.
      if (faults.length > 0) break
    }
    return faults
  }
  await expect.poll(read, { timeout: 90_000, interval: 1_000 }).toEqual([])
  expect(hops.size).toBe(500)

  // A record that the Collector sends again, because it heard no answer: the span has the same ids, and Tempo shows it once.
  const [again, last] = ['0af7651916cd43dd8448eb211c80319c', '0af7651916cd43dd8448eb211c80319d'] as const
  const timeUnixNano = `${Date.now()}000000`
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'haproxy' } }] }
  const post = async (traceId: string): Promise<void> => {
    const record = { eventName: 'tracelog.lb.end', timeUnixNano, traceId, spanId: 'b7ad6b7169203331', flags: 1 }
    const response = await fetch(`${bridgeUrl}/v1/logs`, {
      method: 'POST',
      body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] }),
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(200)
  }
  const isSeen = async (traceId: string) => (await spansOf(tempo.url, traceId)).length
  await post(again)
  await expect.poll(() => isSeen(again), { timeout: 30_000 }).toBe(1)
  for (const traceId of [again, again, last]) await post(traceId)
  await expect.poll(() => isSeen(last), { timeout: 30_000 }).toBe(1)
  expect(await isSeen(again)).toBe(1)
})
