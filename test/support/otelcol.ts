/**
 * A real OpenTelemetry Collector on loopback: receives OTLP/HTTP, writes what it got as OTLP/JSON lines.
 *
 * The program is `otelcol` on the PATH, or the packed one of shared/bin beside the checkout.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { hasProgram } from './require.ts'

const root = new URL('../..', import.meta.url).pathname
const packed = join(root, '..', 'shared', 'bin', 'otelcol.xz')
const unpacked = join(root, '.cache', 'otelcol')

/** How to run it; undefined when it cannot be had here. */
export function findOtelcol(): string | undefined {
  if (hasProgram('otelcol')) return 'otelcol'
  if (existsSync(unpacked)) return unpacked
  if (!existsSync(packed)) return undefined
  mkdirSync(join(root, '.cache'), { recursive: true })
  const partial = `${unpacked}.${process.pid}`
  writeFileSync(partial, execFileSync('xz', ['-dc', packed], { maxBuffer: 2 ** 30 }))
  chmodSync(partial, 0o755)
  renameSync(partial, unpacked)
  return unpacked
}

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  /** Ends it, by its own signal; what it has received is on disk then. @returns one object per request */
  stop(): Promise<readonly Record<string, unknown>[]>
}

export async function startCollector(program: string): Promise<Collector> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-otelcol-'))
  const out = join(folder, 'out.jsonl')
  const port = await freePort()
  const pipeline = { receivers: ['otlp'], exporters: ['file'] }
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { file: { path: out } },
    service: { telemetry: { metrics: { level: 'none' } }, pipelines: { logs: pipeline, traces: pipeline } },
  }
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config))
  const child = spawn(program, ['--config', join(folder, 'config.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('Everything is ready')) resolve()
    })
    child.once('exit', () => reject(new Error(`otelcol ended:\n${said}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
      const lines = readFileSync(out, 'utf8').trim().split('\n')
      rmSync(folder, { recursive: true, force: true })
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
