/**
 * The servers that the queries are asked of, after everything happened that a dashboard or an alert is about.
 *
 * Besides the Collector that works there is one whose destination for spans refuses them for good (it is Loki, which
 * knows no such path), and one whose destination is away and whose queue is small.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { hasProgram } from '../../support/require.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer } from '../../support/servers/program.ts'
import type { ServerProcess } from '../../support/servers/server-process.ts'
import { startTempo, type Tempo } from '../../support/servers/tempo.ts'
import { sendRecord, sendSpans } from './otlp.ts'
import { startPrometheus, type Prometheus } from './prometheus.ts'
import { prepareProxies, PROXY_CONFIGS, type Proxies, type Upstreams } from './proxies.ts'
import { playShop } from './shop.ts'

export interface Stage {
  readonly loki: Loki
  /** Undefined where it cannot be had; then everything but spans is there. */
  readonly tempo: Tempo | undefined
  readonly prometheus: Prometheus | undefined
  readonly collector: Otelcol
  readonly refused: Otelcol
  readonly away: Otelcol
  readonly upstreams: Upstreams
  stop(): Promise<void>
}

/** Its trace id begins with zeros, which Tempo's search leaves away. */
export const ZEROS_TRACE = '0000000000000000000000000abcdef1'

const FORTY_DAYS_MILLIS = 40 * 86_400_000
/** Of the queue of the Collector whose destination is away; below 400,000 the Collector does not start. */
const SMALL_QUEUE_BYTES = 500_000

export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-grafana-'))
  // In the order in which they are ended: a Collector would wait for a Loki that is gone.
  const collectors: ServerProcess[] = []
  const stores: ServerProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(collectors.map((server) => server.kill()))
    await Promise.all(stores.map((server) => server.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const started = await startServers(folder, { collectors, stores })
    const upstreams = await play(started.servers, started.proxies)
    return { ...started.servers, prometheus: started.prometheus, upstreams, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Started {
  readonly servers: Servers
  readonly proxies: Proxies
  readonly prometheus: Prometheus | undefined
}

async function startServers(
  folder: string,
  { collectors, stores }: Readonly<Record<'collectors' | 'stores', ServerProcess[]>>,
): Promise<Started> {
  const kept = async <T extends ServerProcess>(list: ServerProcess[], starting: Promise<T>): Promise<T> => {
    const server = await starting
    list.push(server)
    return server
  }
  const [loki, tempo] = await Promise.all([
    kept(stores, startLoki(join(folder, 'loki'))),
    findServer('tempo') === undefined ? undefined : kept(stores, startTempo(join(folder, 'tempo'))),
  ])
  const nowhere = `http://127.0.0.1:${await freePort()}`
  const proxies = await prepareProxies(join(folder, 'proxies'))
  const start = async (name: string, spansTo: string, more: Record<string, string> = {}): Promise<Otelcol> => {
    const [self, metrics] = [await freePort(), await freePort()]
    const starting = startOtelcol({
      // Only the one that works reads what the proxies write.
      configs: ['standalone.yaml', 'selflogs.yaml', 'metrics.yaml', ...(name === 'collector' ? PROXY_CONFIGS : [])],
      folder: join(folder, name),
      env: {
        TRACELOG_LOKI: loki.otlpUrl,
        TRACELOG_TEMPO: spansTo,
        TRACELOG_SELF: `127.0.0.1:${self}`,
        TRACELOG_PROM: `127.0.0.1:${metrics}`,
        ...more,
      },
    })
    return kept(collectors, starting)
  }
  const [collector, refused, away] = await Promise.all([
    start('collector', tempo?.otlpUrl ?? nowhere, proxies.env),
    start('refused', loki.url),
    start('away', nowhere, { TRACELOG_QUEUE_BYTES: String(SMALL_QUEUE_BYTES) }),
  ])
  const servers = { loki, tempo, collector, refused, away }
  const prometheus = hasProgram('prometheus')
    ? await kept(stores, scrape(join(folder, 'prometheus'), servers))
    : undefined
  return { servers, proxies, prometheus }
}

type Servers = Pick<Stage, 'loki' | 'tempo' | 'collector' | 'refused' | 'away'>

async function play({ collector, refused, away }: Servers, proxies: Proxies): Promise<Upstreams> {
  const [upstreams] = await Promise.all([
    playShop(collector.httpUrl, proxies),
    sendRecord(collector.httpUrl, { service: 'zeros', traceId: ZEROS_TRACE }),
    sendSpans(collector.httpUrl, { service: 'zeros', traceId: ZEROS_TRACE }),
    // Older than Loki accepts.
    sendRecord(collector.httpUrl, { service: 'poison', ageMillis: FORTY_DAYS_MILLIS }),
    sendSpans(refused.httpUrl, { service: 'refused' }),
    fillQueue(away.httpUrl),
  ])
  return upstreams
}

/** Until the Collector has no room for more. */
async function fillQueue(otlpUrl: string): Promise<void> {
  for (let requests = 0; requests < 50; requests++) {
    if ((await sendSpans(otlpUrl, { service: 'away', count: 500 })) !== 200) return
  }
  throw new Error('the queue of the Collector took everything')
}

function scrape(folder: string, { loki, tempo, collector, refused, away }: Servers): Promise<Prometheus> {
  const collectors = [collector, refused, away]
  const address = (url: string): string => new URL(url).host
  return startPrometheus(folder, {
    'collector:8889': collectors.map(({ env }) => env['TRACELOG_PROM']!),
    'collector:8888': collectors.map(({ metricsUrl }) => address(metricsUrl)),
    'loki:3100': [address(loki.url)],
    'tempo:3200': tempo === undefined ? [] : [address(tempo.url)],
  })
}
