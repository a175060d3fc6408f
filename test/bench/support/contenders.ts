/**
 * Who runs in the application benchmarks: bare Node, ours, and the stock OpenTelemetry distribution with the same signals on.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = fileURLToPath(new URL('..', import.meta.url))
const REGISTER = fileURLToPath(new URL('../../../dist/register.cjs', import.meta.url))
const PEER = `${here}peers/node_modules/@opentelemetry/auto-instrumentations-node/dist/register.cjs`

export interface Contender {
  readonly name: string
  /** Flags for Node, before the program. */
  readonly nodeArgs: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Installs the peer into test/bench/peers when it is not there. @throws when the registry cannot be reached */
export function installPeers(): void {
  if (existsSync(PEER)) return
  console.log('installing the peers of test/bench/peers ...')
  const done = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: `${here}peers`,
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`npm install failed in test/bench/peers:\n${done.stderr}`)
}

/** @param endpoint  where those that export send to */
export function contenders(endpoint: string): readonly Contender[] {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'bench' }
  return [
    { name: 'bare node', nodeArgs: [], env: {} },
    { name: '@org/tracelog/register', nodeArgs: ['--import', pathToFileURL(REGISTER).href], env },
    {
      name: 'auto-instrumentations-node/register',
      nodeArgs: ['--require', PEER],
      env: { ...env, OTEL_LOGS_EXPORTER: 'otlp', OTEL_TRACES_EXPORTER: 'otlp' },
    },
  ]
}

/** The environment of a contender: nothing of the benchmark's own. */
export function cleanEnv(added: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(OTEL_|TRACELOG_|NODE_OPTIONS$|npm_)/.test(name))
  return { ...Object.fromEntries(kept), ...added }
}
