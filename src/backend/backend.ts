/**
 * The backend as one thing that starts and stops: the only place that knows the order of its stages.
 *
 * receive -> journal -> store -> query -> show. Started from the back, so that what arrives always finds the next stage;
 * stopped from the front, so that what was acknowledged gets through.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { BackendConfig } from '../config/backend-config.ts'
import { say } from '../diag/events.ts'
import { createClock } from '../diag/clock.ts'
import { formatTimestamp } from '../model/time.ts'
import { openDataDirectory } from './data-directory.ts'
import type { DirectoryLock } from '../segments/directory-lock.ts'
import { openDiskFiles } from '../segments/disk-files.ts'
import { Journal } from './journal/journal.ts'
import type { ReplayReport } from './journal/replay.ts'
import { type Listener, listen, urlHost } from './listen.ts'
import { loadPage } from './page.ts'
import type { Query } from './query/query.ts'
import { createBodyBudget } from './receive/body-budget.ts'
import { createGrpcServer } from './receive/grpc-server.ts'
import { createIntake, type Intake } from './receive/intake.ts'
import { createOtlpHttpListener } from './receive/otlp-http.ts'
import { WantedStreams } from './receive/wanted-streams.ts'
import { ReturnedStreams } from './returned-streams.ts'
import type { RulesRoom } from './rules-room.ts'
import { createRequestGuard, createTokenCheck, requireToken } from './request-guard.ts'
import { createHttpServer } from './http-server.ts'
import { apiRoutes } from './show/api-routes.ts'
import { createApiListener } from './show/middleware.ts'
import { pageRoutes } from './show/page-routes.ts'
import { TailClients } from './show/tail.ts'
import type { Store } from './store/store.ts'
import { keptToken } from './token-file.ts'

/** What `tracelog dev --json` prints and `backend.json` holds: how to reach a backend. */
export interface BackendReady {
  readonly ready: true
  readonly pid: number
  readonly otlp_http: string
  readonly otlp_grpc: string
  readonly api: string
  readonly token: string
  /** The data directory, absolute. */
  readonly data: string
}

export interface RunningBackend {
  readonly ready: BackendReady
  /** What was in the journal at the start. */
  readonly replayed: ReplayReport
  /** Reads the rules again, where there is a file of rules. Never rejects. */
  readonly reloadRules: () => Promise<void>
  /** Finishes what was acknowledged, closes everything, removes `backend.json`. Twice is harmless. */
  readonly stop: () => Promise<void>
}

/** How long requests that are on their way may take when the backend stops. Milliseconds. */
const STOP_GRACE_MILLIS = 2_000

/** The stages behind the journal. */
export interface StoreStages {
  /** Not started yet. */
  readonly store: Store
  readonly query: Query
}

/**
 * Starts a backend around a store. Resolves when every port listens and the store answers.
 *
 * @throws TRACELOG_ALREADY_RUNNING, TRACELOG_PORT_IN_USE, TRACELOG_CONFIG_INVALID, and what the store throws; then
 *   nothing is left open
 */
export async function startBackendWith(
  createStages: (config: BackendConfig) => StoreStages,
  config: BackendConfig,
): Promise<RunningBackend> {
  const undo: (() => Promise<void> | void)[] = []
  try {
    return await start({ config, createStages }, undo)
  } catch (error) {
    for (const step of undo.toReversed()) {
      // oxlint-disable-next-line no-await-in-loop -- in the reverse order of the start
      await Promise.resolve(step()).catch(() => {})
    }
    throw error
  }
}

async function start(
  { config, createStages }: { config: BackendConfig; createStages: (config: BackendConfig) => StoreStages },
  undo: (() => Promise<void> | void)[],
): Promise<RunningBackend> {
  const startedAt = createClock().nowUnixNano()
  // Before anything opens: a wrong file is an error of the start.
  const rules = await rulesOf(config)
  undo.push(() => rules?.stop())
  const lock = openDataDirectory(config.dataDirectory)
  undo.push(() => lock.release())
  const token = config.token ?? keptToken(config.dataDirectory)

  const { store, query } = createStages(config)
  undo.push(() => store.stop())
  const { journal, replayed } = await openJournal(config, store)
  undo.push(() => journal.stop())

  const wanted = new WantedStreams()
  const returned = startReturning(config)
  const kept = wanted.watch(journal)
  const shown = returned === undefined ? kept : returned.watch(kept)
  const intake = createIntake(rules?.over(shown) ?? shown)
  const tails = new TailClients()
  const listeners: Listener[] = []
  undo.push(() => closeAll(listeners, 0))
  const parts = { config, token, startedAt, store, query, journal, intake, tails, wanted, returned, rules }
  const ready = await openPorts(parts, listeners)

  const file = join(config.dataDirectory, 'backend.json')
  writeFileSync(file, `${JSON.stringify(ready)}\n`, { mode: 0o600 })
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopped ??= stopAll({ file, tails, wanted, returned, listeners, rules, journal, store, lock })
    return stopped
  }
  return { ready, replayed, reloadRules: async () => await rules?.reload(), stop }
}

/** What rules need is loaded where there is a file of them. */
async function rulesOf(config: BackendConfig): Promise<RulesRoom | undefined> {
  const { rules } = config
  if (rules === undefined) return undefined
  const { openRulesRoom } = await import('./rules-room.ts')
  return await openRulesRoom({ ...config, rules }, `tracelog/${packageVersion()}`)
}

async function openJournal(
  config: BackendConfig,
  store: Store,
): Promise<{ readonly journal: Journal; readonly replayed: ReplayReport }> {
  const position = await store.start()
  const files = await openDiskFiles(join(config.dataDirectory, 'journal'))
  const clock = createClock()
  const journal = new Journal({ files, sink: store, fsync: config.fsync, nowUnixNano: () => clock.nowUnixNano() })
  store.onCommitted((sequence) => journal.committed(sequence))
  const replayed = await journal.start(position)
  if (replayed.requests > 0) await store.flush()
  if (replayed.damages > 0) {
    say('damage', `${replayed.damagedBytes} bytes of the journal could not be read; they are kept in journal/damaged/`)
  }
  return { journal, replayed }
}

/** @returns `undefined`: callers get no lines here */
function startReturning({ returning }: BackendConfig): ReturnedStreams | undefined {
  if (returning === undefined) return undefined
  if (returning.keys.length > 0) return new ReturnedStreams(returning.keys)
  say('return', 'TRACELOG_RETURN is "on", but TRACELOG_RETURN_KEY is not set; callers cannot open streams here')
  return undefined
}

interface Parts {
  readonly config: BackendConfig
  readonly token: string
  readonly startedAt: bigint
  readonly store: Store
  readonly query: Query
  readonly journal: Journal
  readonly intake: Intake
  readonly tails: TailClients
  readonly wanted: WantedStreams
  readonly returned: ReturnedStreams | undefined
  readonly rules: RulesRoom | undefined
}

async function openPorts(parts: Parts, listeners: Listener[]): Promise<BackendReady> {
  const { config, token, intake, query, tails, wanted, returned } = parts
  const { host, allowedHosts } = config
  const isLoopback = host === '127.0.0.1'
  const isAnyAddressAllowed = host === '0.0.0.0' || host === '::'
  const guard = createRequestGuard({ allowedHosts: [...allowedHosts, urlHost(host)], isAnyAddressAllowed })
  const isToken = createTokenCheck(token)
  // Nobody but this machine's users reaches a loopback port; anybody may reach another one.
  const otlpGuard = isLoopback ? guard : requireToken(guard, isToken)
  const budget = createBodyBudget()

  const page = loadPage()
  const ports = { otlp_http: 0, otlp_grpc: 0, api: 0 }
  const open = async (name: keyof typeof ports, options: Omit<Parameters<typeof listen>[0], 'host'>): Promise<void> => {
    const listener = await listen({ ...options, host })
    listeners.push(listener)
    ports[name] = listener.port
  }
  const otlpListener = createOtlpHttpListener({ intake, guard: otlpGuard, budget, wanted })
  const apiListener = createApiListener({
    routes: [...apiRoutes({ query, tails, status: () => statusOf(parts, ports) }), ...pageRoutes({ query, ...page })],
    guard,
    isToken,
    streams: returned && ((request, response) => returned.answer(request, response)),
    cookieName: () => `tracelog_${ports.api}`,
    renderProblem: page.renderer.problem,
  })
  await open('otlp_http', {
    createServer: () => createHttpServer(otlpListener),
    port: config.otlpHttpPort,
    purpose: 'OTLP/HTTP',
    flag: '--otlp-http',
  })
  await open('otlp_grpc', {
    createServer: () => createGrpcServer({ intake, guard: otlpGuard, budget }),
    port: config.otlpGrpcPort,
    purpose: 'OTLP/gRPC',
    flag: '--otlp-grpc',
  })
  await open('api', {
    createServer: () => createHttpServer(apiListener),
    port: config.apiPort,
    purpose: 'the API and the page',
    flag: '--api',
  })
  const address = (port: number): string => `http://${urlHost(isAnyAddressAllowed ? '127.0.0.1' : host)}:${port}`
  return {
    ready: true,
    pid: process.pid,
    otlp_http: address(ports.otlp_http),
    otlp_grpc: address(ports.otlp_grpc),
    api: address(ports.api),
    token,
    data: config.dataDirectory,
  }
}

/** The answer of `GET status`. */
async function statusOf(
  { config, startedAt, query, journal, intake, wanted, returned, rules }: Parts,
  ports: { readonly otlp_http: number; readonly otlp_grpc: number; readonly api: number },
): Promise<unknown> {
  const { logs, spans, rejected, requests, bytes } = intake.counts
  const { segments, bytes: journalBytes, lagRecords } = journal.stats()
  return {
    version: packageVersion(),
    pid: process.pid,
    started_at: formatTimestamp(startedAt),
    data: config.dataDirectory,
    ports,
    received: {
      logs,
      spans,
      rejected,
      requests,
      bytes,
      ...(rules === undefined ? {} : { dropped_by_rule: rules.status().dropped }),
    },
    stored: await query.stored(),
    journal: { segments, bytes: journalBytes, lag_records: lagRecords },
    wanted: wanted.counts(),
    ...(returned && { returned: returned.counts() }),
    ...(rules === undefined ? {} : { rules: rules.status().rules }),
  }
}

/** Read once it is asked for; the file is two folders above both src/ and dist/. */
function packageVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(file) as { readonly version: string }).version
}

interface StopParts {
  readonly file: string
  readonly tails: TailClients
  readonly wanted: WantedStreams
  readonly returned: ReturnedStreams | undefined
  readonly listeners: readonly Listener[]
  readonly rules: RulesRoom | undefined
  readonly journal: Journal
  readonly store: Store
  readonly lock: DirectoryLock
}

/** In the order of the data: no more requests, the journal's last group, the store's last roll. */
async function stopAll(parts: StopParts): Promise<void> {
  const { file, tails, wanted, returned, listeners, rules, journal, store, lock } = parts
  rmSync(file, { force: true })
  tails.endAll()
  wanted.endAll()
  returned?.endAll()
  await closeAll(listeners, STOP_GRACE_MILLIS)
  await rules?.stop()
  await journal.stop()
  await store.stop()
  // What the last roll committed was removed by now, as `onCommitted` told the journal.
  lock.release()
}

async function closeAll(listeners: readonly Listener[], graceMillis: number): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close(graceMillis)))
}
