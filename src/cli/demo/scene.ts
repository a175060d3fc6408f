/**
 * Everything that runs in the demo, and how it is started: backend, cache, two API servers, load balancer, customers.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Env } from '../../config/env.ts'
import { TracelogError } from '../../diag/errors.ts'
import type { ReadyLine } from '../find-backend.ts'
import { packageRoot, registerUrl } from '../package-info.ts'
import { type BalancerName, serviceOf } from './balancer.ts'
import type { ChildGroup, DemoChild } from './child-group.ts'
import { startCache, type DemoCache } from './demo-cache.ts'
import { startHaproxy } from './haproxy.ts'
import { startNginx } from './nginx.ts'
import type { Progress } from './progress.ts'
import type { PrintedLine, TrafficAnswer } from './seen.ts'

export const API = 'api'

export interface SceneOptions {
  readonly group: ChildGroup
  readonly progress: Progress
  readonly env: Env
  /** Where the programs are. */
  readonly programs: string
  /** A temporary folder, for the backend's data. */
  readonly folder: string
  readonly balancer: BalancerName
  /** With its version. */
  readonly balancerTitle: string
}

export interface Scene {
  readonly backend: ReadyLine
  /** What signs bearers for the lines of a call: backend and programs have it. */
  readonly returnKey: string
  readonly url: string
  readonly cache: DemoCache
  /** What the load balancer and the API servers have printed so far. */
  readonly printed: readonly PrintedLine[]
  /** What the programs have written to standard error: a line each, with the program's name. */
  errors(): readonly string[]
  /** Sends so many requests, of every kind or to one path, and resolves with the answers. */
  send(count: number, path?: string): Promise<readonly TrafficAnswer[]>
  /** Places an order, a program with goals. @returns its trace */
  order(): Promise<string>
  /** Sends a request now and then, until the end. */
  sendForever(): DemoChild
  /** One of the two API servers goes away ... */
  stopUpstream(): Promise<void>
  /** ... and comes back on the same port. */
  restartUpstream(): Promise<void>
}

/** Between two requests of the light traffic. Milliseconds. */
const LIGHT_PAUSE_MILLIS = 1_500

export async function startScene(options: SceneOptions): Promise<Scene> {
  const { group, progress, env } = options
  const returnKey = randomBytes(32).toString('base64url')
  const returning = { TRACELOG_RETURN: 'on', TRACELOG_RETURN_KEY: returnKey }
  const backend = await progress.step(
    'backend',
    () => startBackend(options, returning),
    ({ api }) => api,
  )
  const printed: PrintedLine[] = []
  const run = programRunner(options, { backend, printed, returning })
  const cache = await progress.step(
    'cache',
    () => startCache({ group, env: cleanEnv(env), startProgram: (name) => portOf(run('cache', name, { PORT: '0' })) }),
    ({ description }) => description,
  )
  const startApi = (port: number): DemoChild => run(API, 'api-server', { PORT: String(port), ...cacheVariables(cache) })
  const servers = await progress.step(
    'two API servers',
    () => Promise.all([startApi(0), startApi(0)].map(async (child) => ({ child, port: await portOf(child) }))),
    (both) => `ports ${both.map(({ port }) => port).join(' and ')}`,
  )
  const balancerPort = await progress.step(
    'load balancer',
    () => startBalancer(options, { run, backend, upstreams: upstreamsOf(servers) }),
    (port) => `http://127.0.0.1:${port} (${options.balancerTitle})`,
  )
  const url = `http://127.0.0.1:${balancerPort}`
  const errors = (): readonly string[] => group.errors()
  const order = (): Promise<string> => traceOfOrder(run('order', 'order', {}, [url]))
  return {
    backend,
    returnKey,
    url,
    cache,
    printed,
    errors,
    order,
    ...customersOf(options, url),
    ...upstreamOf(servers, startApi),
  }
}

interface BalancerParts {
  readonly run: RunProgram
  readonly backend: ReadyLine
  readonly upstreams: readonly string[]
}

async function startBalancer(
  { group, env, folder, balancer }: SceneOptions,
  { run, backend, upstreams }: BalancerParts,
): Promise<number> {
  if (balancer === 'http-proxy-3')
    return await portOf(run(serviceOf(balancer), 'load-balancer', { PORT: '0', UPSTREAMS: upstreams.join(',') }))
  const { port } = await (balancer === 'nginx' ? startNginx : startHaproxy)({
    group,
    env: cleanEnv(env),
    folder: join(folder, balancer),
    upstreams: upstreams as [string, string],
    endpoint: backend.otlp_http,
  })
  return port
}

type RunProgram = (
  service: string,
  program: string,
  added: Record<string, string>,
  args?: readonly string[],
) => DemoChild

interface Around {
  readonly backend: ReadyLine
  readonly printed: PrintedLine[]
  /** The variables that let a caller see the lines of its call. */
  readonly returning: Readonly<Record<string, string>>
}

/** Starts one of the demo's programs with the preload, as a user would, and notes what winston prints. */
function programRunner({ group, env, programs }: SceneOptions, { backend, printed, returning }: Around): RunProgram {
  return (service, program, added, args = []) =>
    group.start({
      name: service,
      program: process.execPath,
      args: ['--import', registerUrl(), join(programs, `${program}.js`), ...args],
      env: {
        ...cleanEnv(env),
        OTEL_SERVICE_NAME: service,
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.otlp_http,
        ...returning,
        ...added,
      },
      onLine: (line) => notePrinted(printed, service, line),
    })
}

interface ApiServer {
  readonly child: DemoChild
  readonly port: number
}

function upstreamsOf(servers: readonly ApiServer[]): string[] {
  return servers.map(({ port }) => `127.0.0.1:${port}`)
}

/** The second of the two servers goes and comes. */
function upstreamOf(
  servers: readonly ApiServer[],
  startApi: (port: number) => DemoChild,
): Pick<Scene, 'stopUpstream' | 'restartUpstream'> {
  const { port, child } = servers.at(-1) as ApiServer
  let upstream = child
  return {
    stopUpstream: () => upstream.stop(),
    async restartUpstream() {
      upstream = startApi(port)
      await portOf(upstream)
    },
  }
}

function failed(customers: DemoChild): TracelogError {
  return new TracelogError('a request of the demo got no answer', {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: customers.errorText().replace(/\s*\n\s*/g, ' | ') || 'Start again.',
  })
}

function customersOf({ group, env, programs }: SceneOptions, url: string): Pick<Scene, 'send' | 'sendForever'> {
  const start = (args: readonly string[], onLine?: (line: string) => void): DemoChild =>
    group.start({
      name: 'traffic',
      program: process.execPath,
      args: [join(programs, 'traffic.js'), url, ...args],
      env: cleanEnv(env),
      ...(onLine === undefined ? {} : { onLine }),
    })
  return {
    async send(count, path) {
      const answers: TrafficAnswer[] = []
      const args = path === undefined ? [] : ['0', path]
      const customers = start([String(count), ...args], (line) => answers.push(JSON.parse(line) as TrafficAnswer))
      // Requests that failed on their way have no answer: without this they would be missing in silence.
      if ((await customers.ended) !== 0) throw failed(customers)
      return answers
    },
    sendForever: () => start(['0', String(LIGHT_PAUSE_MILLIS)]),
  }
}

async function startBackend(
  { group, env, folder, programs }: SceneOptions,
  returning: Around['returning'],
): Promise<ReadyLine> {
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  const args = ['dev', '--json', '--data', data, '--otlp-http', '0', '--otlp-grpc', '0', '--api', '0']
  const program = [join(packageRoot(), 'dist', 'cli.js'), ...args]
  // In the programs' folder it finds the database that was installed there.
  const child = group.start({
    name: 'tracelog dev',
    program: process.execPath,
    args: program,
    env: { ...cleanEnv(env), ...returning },
    cwd: programs,
  })
  return await child.firstLine((line) => {
    const ready = parseLine(line)
    return ready['ready'] === true ? (ready as unknown as ReadyLine) : undefined
  })
}

/** Keys of their own for each demo: REDIS_URL may be somebody's. They expire within a minute. */
function cacheVariables({ url }: DemoCache): Record<string, string> {
  return { REDIS_URL: url, CACHE_PREFIX: `tracelog-demo:${process.pid}:` }
}

/** The user's own settings must not change what the demo shows. */
function cleanEnv(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:OTEL_|TRACELOG_|PORT$|NODE_ENV$)/.test(name)))
}

/** It says its trace when it begins. */
async function traceOfOrder(child: DemoChild): Promise<string> {
  const traceId = await child.firstLine((line) => textOf(parseLine(line)['trace_id']))
  await child.ended
  return traceId
}

/** Each program says where it listens. */
async function portOf(child: DemoChild): Promise<number> {
  return await child.firstLine((line) => {
    const { message, port } = parseLine(line)
    return typeof message === 'string' && message.endsWith('listens') && typeof port === 'number' ? port : undefined
  })
}

function notePrinted(printed: PrintedLine[], service: string, line: string): void {
  const { level, message, request_id: requestId, trace_id: traceId } = parseLine(line)
  if (typeof level !== 'string' || typeof message !== 'string') return
  printed.push({ service, level, message, requestId: textOf(requestId), traceId: textOf(traceId) })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return {}
  }
}
