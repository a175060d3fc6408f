/** A real Tempo on loopback with collector/tempo.yaml. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { freePorts } from './free-port.ts'
import { COLLECTOR_FOLDER } from './otelcol.ts'
import { findServer } from './program.ts'
import { isOk, startServer, type ServerProcess } from './server-process.ts'

export interface Tempo extends ServerProcess {
  /** Its query API, without a path. */
  readonly url: string
  /** For TRACELOG_TEMPO of the Collector. */
  readonly otlpUrl: string
  readonly env: Readonly<Record<string, string>>
}

/** @param env  what a Tempo before had, to stand where it stood */
export async function startTempo(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Tempo> {
  const program = findServer('tempo')
  if (program === undefined) throw new Error('tempo cannot be had here')
  mkdirSync(folder, { recursive: true })
  const [port, grpc, otlpHttp, otlpGrpc, gossip] = await freePorts(5)
  const full: Record<string, string> = {
    TEMPO_ADDR: '127.0.0.1',
    TEMPO_PORT: String(port),
    TEMPO_GRPC_PORT: String(grpc),
    TEMPO_OTLP_HTTP: `127.0.0.1:${otlpHttp}`,
    TEMPO_OTLP_GRPC: `127.0.0.1:${otlpGrpc}`,
    TEMPO_GOSSIP_PORT: String(gossip),
    TEMPO_DATA: folder,
    ...env,
  }
  const url = `http://127.0.0.1:${full['TEMPO_PORT']}`
  const server = await startServer({
    name: 'tempo',
    program,
    args: tempoArguments(join(COLLECTOR_FOLDER, 'tempo.yaml')),
    env: full,
    isReady: () => isOk(`${url}/ready`),
    // Else 30 s or 60 s when a block is just being completed (see tempo.yaml); its WAL has everything long before.
    stopMillis: 3_000,
  })
  return { ...server, env: full, url, otlpUrl: `http://${full['TEMPO_OTLP_HTTP']}` }
}

/** As compose starts it: a test compares the two. */
export function tempoArguments(file: string): readonly string[] {
  return [`-config.file=${file}`, '-config.expand-env=true']
}
