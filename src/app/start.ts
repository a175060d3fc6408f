/**
 * The composition root of the application's half: the only place that knows the order of the stages.
 *
 * configuration -> context manager and propagators -> log chain (gate, redact, encode, queue) -> span chain -> instrumentations
 * -> the end of the process, which comes last so that what the instrumentations still write at the end is sent.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

import { createCacheApi, type CacheApi } from '../capture/cache/cache-api.ts'
import { watchFirstWork } from '../capture/first-work.ts'
import { cacheOptionsOf } from '../capture/hop-instrumentations.ts'
import { finishOpenHops } from '../capture/hop/open-hops.ts'
import type { Instrumentation, InstrumentationStatus } from '../capture/instrumentation.ts'
import { watchUnheardLoggers } from '../capture/loggers/unheard-loggers.ts'
import type { AppConfig, AppConfigResult } from '../config/app-config.ts'
import { processEnv } from '../config/env.ts'
import { claimApiGlobals } from '../context/api-globals.ts'
import { TracelogContextManager } from '../context/context-manager.ts'
import { isExporting } from '../context/exporting.ts'
import { contextOfEnvironment } from '../context/process-context.ts'
import { createPropagator, type TracelogPropagator } from '../context/propagation.ts'
import { currentRequest, requestFields, type CurrentRequest } from '../context/current-request.ts'
import type { UnitEnds } from '../context/request-unit.ts'
import { createTrustedPeers, type TrustedPeers } from '../context/trusted-peers.ts'
import type { Attributes } from '../model/any-value.ts'
import type { Resource } from '../model/log-record.ts'
import { safely } from '../diag/guarded.ts'
import { listenUnseen } from '../diag/own-listeners.ts'
import type { ContextCarrier } from '../export/relay/protocol.ts'
import { createClock, type Clock } from '../diag/clock.ts'
import { startTimer } from '../diag/timers.ts'
import { createLevelGate } from '../process/level-gate.ts'
import { createRecordEmitter, type RecordEmitterOptions } from '../record/create-record-emitter.ts'
import { createLevels } from '../record/levels.ts'
import { createLoggerProvider, setGlobalLoggerProvider } from '../record/logger-provider.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import { createSampler, recordingAll } from '../record/samplers.ts'
import { createTracerProvider, type TracelogTracerProvider } from '../record/tracer-provider.ts'
import type { Tasks } from '../tasks/task-face.ts'
import { compositionOf } from './composition.ts'
import type { ConfigFiles } from './config-files.ts'
import { watchFigures, type Figures } from './debug-figures.ts'
import { sayDebug } from './debug-line.ts'
import { createLibrariesLine } from './libraries-line.ts'
import {
  chosenOf,
  createInstrumentations,
  hopSettings,
  isChosen,
  type InstrumentationDeps,
} from './instrumentations.ts'
import { lateChain, type LateChain } from './late-chain.ts'
import { lateTasks } from './late-tasks.ts'
import { sayOtherSdk } from './other-sdk.ts'
import type { Outlet } from './outlet.ts'
import { createLiveLevels, type LiveLevels, type LiveLevelsOptions } from './live-levels.ts'
import { watchProcessEnd } from './process-end.ts'
import { createRecordChain, type RecordChainOptions } from './record-chain.ts'
import { createRecorderApi } from './recorder-api.ts'
import type { Recorder } from './recorder-face.ts'
import { createResource, serviceNameOf } from './resource.ts'
import type { GivenObjects } from './start-options.ts'
import { startReturning, type ReturnApi } from './start-returning.ts'
import { adoptContext, watchThreads, type ContextParts, type ThreadsOfProcess } from './threads.ts'
import { createTracelog, type Tracelog } from './tracelog.ts'
import { withMetrics } from './with-metrics.ts'
import { createUserProcessors, type UserProcessors } from './user-processors.ts'
import { packageVersion } from './version.ts'
import { holderBeside, type WitnessSeat } from './witness.ts'
import { createWitnesses, type Watch, type Witness, type WitnessesOptions } from './witnesses.ts'

/** What runs in this process: the public face, and what the bridges of bundled applications need. */
export interface Engine extends Tracelog, CacheApi, ReturnApi {
  readonly version: string
  readonly config: AppConfig
  readonly records: RecordEmitter
  readonly tracerProvider: TracelogTracerProvider
  requestFields(fields: Attributes): void
  currentRequest(): CurrentRequest | undefined
  readonly recorder: Recorder
  readonly tasks: Tasks
  /** Hooks a copy of a library that cannot be found from outside, by the instrumentation of that name. @returns undoes it */
  attach(name: string, library: unknown): () => void
  /** What a transport of ours was given; left to the instrumentation of that name where it hears the logger. */
  write(name: string, transport: object, record: object): void
  /** Begins a test that sees what is recorded within it. */
  witness(witness: Witness): Watch
  /** Writes what libraries still keep. */
  settle(): void
  /** Takes every hook back, now; nothing is flushed. */
  stop(): void
  /** Who emits; secrets are hidden. */
  resource(): Resource
  /** Processors that came later. */
  add(given: GivenObjects): void
  instrumentations(): readonly { readonly name: string; readonly status: InstrumentationStatus }[]
}

/** What was read before anything runs. */
interface EngineSettings extends Pick<AppConfigResult, 'config' | 'settings'> {
  readonly files: ConfigFiles
  /** This is a worker thread of the application. */
  readonly isThread: boolean
}

const REQUEST_API = { requestFields, currentRequest }

/** Starts all stages. Called once per process, by engine.ts. */
export function startEngine({ config, settings, files, isThread }: EngineSettings, given: GivenObjects = {}): Engine {
  const version = packageVersion()
  const clock = createClock()
  const found = createResource({ config, entry: process.argv[1], version })
  const contextManager = startContext()
  const { trustedPeers, propagator } = startPropagation(config)
  const inherited = contextOfEnvironment(processEnv(), propagator)
  contextManager.adopt(inherited)
  const processors = createUserProcessors(given)
  const detached = createDetached()
  // Now: the application may change its working directory.
  const lanes = compositionOf(config, process.argv[1], given.exporters)
  const nowUnixNano = () => clock.nowUnixNano()
  const shared = { detached, clock, nowUnixNano, processors, seat: { current: undefined } }
  const input = { config, resource: found, lanes, version, ...shared }
  const { chain, threads } = startChain(input, { contextManager, propagator }, isThread)
  const pipeline = isThread ? chain.outlet : withMetrics({ config, version, chain, processors, detached })
  const live = { serviceName: serviceNameOf(found), detached, files, isTelling: !isThread }
  const isUnheard = lanes.some(({ to }) => to.kind === 'object') ? isExporting : undefined
  const { records, levels } = createLogChain({ ...input, chain, isUnheard, ...live })
  setGlobalLoggerProvider(createLoggerProvider(records))

  const { encoded, recorder } = chain
  const serviceName = () => serviceNameOf(chain.whole().resource)
  const { returning, units, api } = startReturning({ config, chain, records, serviceName, detached, isThread })
  const tracerProvider = createSpanChain({ config, chain, units, processors, clock })
  claimApiGlobals({ contextManager, propagator, tracerProvider }, sayOtherSdk)

  const stages = { records, encoded, units, tracerProvider, propagator, trustedPeers, inherited }
  const deps = { config, ...stages, storage: contextManager.storage, serviceName }
  const { all, instrumentations, unhook } = hookLibraries(deps)
  const tasks = lateTasks({ records, tracerProvider, units, detached })
  const settle = () => [...instrumentations, tasks, returning].forEach((one) => one?.settle?.())
  // A thread's records are counted with those of the main thread, which says what became of all.
  const figures = watchFigures({
    isOn: config.isDebug && !isThread,
    stats: () => chain.stats(),
    recorder: recorder && (() => recorder.stats()),
    libraries: createLibrariesLine(instrumentations),
    detached,
  })
  const unwatch = watchEnd({ pipeline, threads, processors, returning, settle, figures })
  if (!isThread) lookIntoSpool({ config, chain, detached })
  if (!isThread) sayDebug({ config, settings, version, resource: () => chain.whole().resource, instrumentations })

  const running = [returning, recorder, levels, figures, { stop: unhook }, threads, { stop: unwatch }]
  const stop = () => running.forEach((one) => one?.stop())
  return {
    ...createTracelog({ pipeline, processors, levels, returning, settle, stop }),
    ...faceOfTests({ ...shared, settle, stop, chain }),
    add: (more) => processors.add(more),
    version,
    config,
    records,
    tracerProvider,
    ...REQUEST_API,
    ...api,
    recorder: createRecorderApi(recorder, { units, tracerProvider }),
    tasks,
    ...createCacheApi(cacheOptionsOf(hopSettings(deps))),
    attach: (name, library) => all.find((one) => one.name === name)?.attach?.(library) ?? (() => {}),
    write: (name, transport, record) => all.find((one) => one.name === name)?.write?.(transport, record),
    instrumentations: () => instrumentations.map((one) => ({ name: one.name, status: one.status() })),
  }
}

interface HookedLibraries {
  readonly all: readonly Instrumentation[]
  /** Those that are chosen. */
  readonly instrumentations: readonly Instrumentation[]
  /** Takes every hook back. */
  readonly unhook: () => void
}

function hookLibraries(deps: InstrumentationDeps): HookedLibraries {
  const { config, inherited, storage } = deps
  const all = createInstrumentations(deps)
  const instrumentations = chosenOf(all, config)
  for (const instrumentation of instrumentations) instrumentation.enable()
  const unwatchFirstWork = watchFirstWork(inherited, storage)
  const unwatchNotes = watchUnheardLoggers((name) => isChosen(name, config), config.capturesStdio)
  const unhook = () => {
    unwatchNotes()
    for (const instrumentation of instrumentations.toReversed()) instrumentation.disable()
    unwatchFirstWork()
  }
  return { all, instrumentations, unhook }
}

interface TestedParts extends WitnessesOptions {
  readonly settle: () => void
  readonly stop: () => void
  readonly chain: LateChain
}

type FaceOfTests = Pick<Engine, 'witness' | 'settle' | 'stop' | 'resource'>

function faceOfTests({ settle, stop, chain, ...options }: TestedParts): FaceOfTests {
  let made: Engine['witness'] | undefined
  return {
    // Made by the first test: its code is compiled then.
    witness: (witness) => (made ??= createWitnesses(options))(witness),
    settle: () => safely('the calls that are kept', settle),
    stop: () => safely('the hooks', stop),
    resource: () => chain.whole().resource,
  }
}

/** In a thread it is made now: the main thread is asked for the context that the thread was made in. */
function startChain(
  input: Omit<RecordChainOptions, 'thread'>,
  parts: ContextParts,
  isThread: boolean,
): { readonly chain: LateChain; readonly threads: ThreadsOfProcess | undefined } {
  const thread = isThread ? { adoptContext: (carrier: ContextCarrier) => adoptContext(carrier, parts) } : undefined
  const { lanes, config } = input
  const create = () => createRecordChain({ ...input, thread })
  const chain = lateChain({ lanes, recorder: config.recorder, seat: input.seat, create })
  if (!isThread) return { chain, threads: watchThreads(parts, () => chain.whole().relay) }
  chain.whole()
  return { chain, threads: undefined }
}

interface LogChainOptions extends Pick<LiveLevelsOptions, 'serviceName' | 'detached' | 'files' | 'isTelling'> {
  readonly config: AppConfig
  readonly chain: LateChain
  readonly seat: WitnessSeat
  readonly clock: Clock
  readonly isUnheard: RecordEmitterOptions['isUnheard']
}

/** Levels, and what follows them. */
function createLogChain({ config, chain, seat, clock, isUnheard, ...rest }: LogChainOptions): {
  records: RecordEmitter
  levels: LiveLevels
} {
  const gate = createLevelGate(config.levels)
  const isReturning = config.returning !== undefined
  const accepts = () => seat.current !== undefined || isReturning || chain.outlet.accepts('logs')
  const holder = holderBeside({ recorder: chain.recorder, seat, isReturning, active: () => context.active() })
  const levels = createLevels({ thresholds: gate, holder, accepts })
  const { logs: sink, encoded } = chain
  const followsSampling = config.hops.logsFollowSampling
  const records = createRecordEmitter({ levels, sink, encoded, isUnheard, followsSampling, clock })
  return { records, levels: createLiveLevels({ gate, records, accepts, ...rest }) }
}

interface SpanChainOptions {
  readonly config: AppConfig
  readonly chain: LateChain
  readonly units: UnitEnds | undefined
  readonly processors: UserProcessors
  readonly clock: Clock
}

function createSpanChain({ config, chain, units, processors, clock }: SpanChainOptions): TracelogTracerProvider {
  const { sampler, spanLimits } = config.hops
  const chosen = createSampler(sampler.name, sampler.ratio)
  return createTracerProvider({
    sink: chain.spans,
    clock,
    sampler: config.metrics === undefined ? chosen : recordingAll(chosen),
    limits: spanLimits,
    processors: processors.spans,
    units,
    get resource() {
      return chain.whole().sdkResource
    },
    shown: (span, scope) => chain.whole().shown(span, scope),
  })
}

/** How long a start may be without a record before it looks for what processes before it left on disk. Milliseconds. */
const SPOOL_LOOK_MILLIS = 1_000

/** With records the chain is there, and looks by itself. */
function lookIntoSpool({ config, chain, detached }: Pick<LogChainOptions, 'config' | 'chain' | 'detached'>): void {
  if (config.spool !== undefined) detached(() => startTimer(() => chain.whole(), SPOOL_LOOK_MILLIS).unref())
}

function startContext(): TracelogContextManager {
  const contextManager = new TracelogContextManager()
  contextManager.enable()
  return contextManager
}

function startPropagation({ hops }: AppConfig): { trustedPeers: TrustedPeers; propagator: TracelogPropagator } {
  const trustedPeers = createTrustedPeers(hops.trustedPeers)
  const { propagateTo } = hops
  const propagator = createPropagator({
    names: hops.propagators,
    trustedPeers,
    propagateTo: typeof propagateTo === 'string' ? propagateTo : createTrustedPeers(propagateTo),
  })
  return { trustedPeers, propagator }
}

/** Runs something outside of every request and untraced: timers, the worker, our own requests. */
function createDetached(): <T>(run: () => T) => T {
  const asAtStart = AsyncLocalStorage.snapshot()
  const quiet = suppressTracing(ROOT_CONTEXT)
  return (run) => asAtStart(() => context.with(quiet, run))
}

interface WatchedEnd {
  /** Of a main thread. */
  readonly threads: ThreadsOfProcess | undefined
  readonly pipeline: Outlet
  readonly processors: UserProcessors
  /** `undefined`: nothing is returned to callers. */
  readonly returning: { end(): void } | undefined
  readonly settle: () => void
  readonly figures: Figures
}

function watchEnd({ pipeline, threads, processors, returning, settle, figures }: WatchedEnd): () => void {
  const drain = (): void => {
    // Requests under way get their completion records now: after a signal no `exit` will come.
    safely('the open requests', finishOpenHops)
    safely('the calls that are kept', settle)
    safely('the returned calls', () => returning?.end())
    safely('the threads', () => threads?.drain())
    safely('the drain', () => pipeline.drain())
    figures.say()
  }
  // Signals, and what is said last, are the main thread's.
  if (threads === undefined) return listenUnseen(process, 'exit', drain)
  return watchProcessEnd({
    drain,
    drainWithin: (millis) => {
      safely('the calls that are kept', settle)
      pipeline.drainWithin(millis)
    },
    lastTurn: () => {
      processors.lastTurn()
      pipeline.lastTurn()
    },
    sayLast: () => {
      pipeline.sayLast()
      figures.say()
    },
    goOn: () => pipeline.goOn(),
  })
}
