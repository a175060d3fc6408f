/**
 * Loki as microservices on loopback with collector/loki-microservices.yaml: three ingesters, an index gateway and one process
 * with all other targets, found by gossip as they would be elsewhere. A shared folder stands in for the bucket.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { parse, stringify } from 'yaml'

import { freePorts } from './free-port.ts'
import { COLLECTOR_FOLDER } from './otelcol.ts'
import { findServer } from './program.ts'
import { isOk, startServer, type ServerProcess } from './server-process.ts'

export interface LokiCluster {
  /** Of the process that takes records and answers queries. */
  readonly url: string
  readonly otlpUrl: string
  readonly ingesters: readonly ServerProcess[]
  kill(): Promise<void>
}

/** Not the index gateway: in one process with its clients it asks itself for ever. */
const FRONT = 'distributor,query-frontend,query-scheduler,querier,compactor'
const INGESTERS = 3

export async function startLokiCluster(folder: string): Promise<LokiCluster> {
  const config = writeConfig(folder)
  const ports = await freePorts(3 * (INGESTERS + 2))
  const [, front, gossip, , indexGateway] = ports
  const start = (index: number, target: string): Promise<ServerProcess & { readonly url: string }> =>
    startOne({
      config,
      folder,
      target,
      ports: ports.slice(3 * index, 3 * index + 3),
      peers: { front, gossip, indexGateway },
    })
  const processes = await Promise.all([
    start(0, FRONT),
    start(1, 'index-gateway'),
    ...Array.from({ length: INGESTERS }, (_, index) => start(index + 2, 'ingester')),
  ])
  const [first, , ...ingesters] = processes
  return {
    url: first.url,
    otlpUrl: `${first.url}/otlp`,
    ingesters,
    kill: async () => void (await Promise.all(processes.map((server) => server.kill()))),
  }
}

/** The file as it is, but for the bucket. */
function writeConfig(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const config = parse(readFileSync(join(COLLECTOR_FOLDER, 'loki-microservices.yaml'), 'utf8')) as {
    storage_config: { object_store: unknown }
    schema_config: { configs: { object_store: string }[] }
    compactor: { delete_request_store: string }
  }
  config.storage_config.object_store = { filesystem: { dir: join(folder, 'bucket') } }
  for (const schema of config.schema_config.configs) schema.object_store = 'filesystem'
  config.compactor.delete_request_store = 'filesystem'
  const file = join(folder, 'loki.yaml')
  writeFileSync(file, stringify(config))
  return file
}

interface Part {
  readonly config: string
  readonly folder: string
  readonly target: string
  /** Ports: gRPC and gossip of the first process, gRPC of the index gateway. */
  readonly peers: Readonly<Record<'front' | 'gossip' | 'indexGateway', number | undefined>>
  readonly ports: readonly number[]
}

async function startOne({ config, folder, target, peers, ports }: Part) {
  const [http, grpc, gossip] = ports
  const url = `http://127.0.0.1:${http}`
  const server = await startServer({
    name: `loki ${target}`,
    program: findServer('loki')!,
    args: [`-config.file=${config}`, '-config.expand-env=true', `-target=${target}`, `-ingester.lifecycler.ID=${http}`],
    env: {
      LOKI_ADDR: '127.0.0.1',
      LOKI_INSTANCE_ADDR: '127.0.0.1',
      LOKI_PORT: String(http),
      LOKI_GRPC_PORT: String(grpc),
      LOKI_GOSSIP_PORT: String(gossip),
      LOKI_JOIN: `127.0.0.1:${peers.gossip}`,
      LOKI_COMPACTOR: `127.0.0.1:${peers.front}`,
      LOKI_INDEX_GATEWAY: `127.0.0.1:${peers.indexGateway}`,
      LOKI_DATA: join(folder, String(http)),
    },
    isReady: () => isOk(`${url}/ready`),
    readyMillis: 120_000,
  })
  return { ...server, url }
}
