/**
 * Who is measured by slices: bare Node, this build, another one (`--against DIR`, a checkout or a package with `dist/`), and the peers
 * of test/bench/peers where they are installed (`npm install` in there).
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Contender } from './contenders.ts'

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url))
const OURS = fileURLToPath(new URL('../../../', import.meta.url))

export interface VariantOptions {
  /** Where those that export send to. */
  readonly endpoint: string
  readonly against?: string | undefined
  readonly peers: boolean
}

/** @throws when `against` has no build */
export function variantsOf({ endpoint, against, peers }: VariantOptions): readonly Contender[] {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'bench' }
  return [
    { name: 'bare node', nodeArgs: [], env: {} },
    { name: 'this build', nodeArgs: ['--require', registerOf(OURS)], env },
    ...(against === undefined ? [] : [{ name: 'the other build', nodeArgs: ['--require', registerOf(against)], env }]),
    ...(peers ? peersOf(env) : []),
  ]
}

function registerOf(folder: string): string {
  const found = [join(folder, 'dist/register.cjs'), join(folder, 'register.cjs')].find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${folder} has no dist/register.cjs: build it`)
  return resolve(found)
}

function peersOf(env: Readonly<Record<string, string>>): Contender[] {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT']!
  const all = [
    {
      package: '@opentelemetry/sdk-trace',
      name: 'lean SDK',
      nodeArgs: ['--require', join(PEERS, 'lean-sdk.cjs')],
      env,
    },
    {
      package: 'dd-trace',
      name: 'dd-trace',
      nodeArgs: ['--require', join(PEERS, 'node_modules/dd-trace/init.js')],
      // Its agent is the sink too: what it sends is taken, and that is all that is asked of it.
      env: {
        DD_TRACE_AGENT_URL: endpoint,
        DD_SERVICE: 'bench',
        DD_LOGS_INJECTION: 'true',
        DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
        DD_REMOTE_CONFIGURATION_ENABLED: 'false',
        DD_TRACE_STARTUP_LOGS: 'false',
      },
    },
  ]
  const installed = all.filter((peer) => existsSync(join(PEERS, 'node_modules', peer.package)))
  if (installed.length < all.length) console.log('peers are left out: run `npm install` in test/bench/peers')
  return installed
}
