/**
 * The entry of the bundle that every application process loads: at most one engine per process, whoever asks first.
 *
 * register.cjs calls `preload`, the public API's `start` calls `start`. Nothing here may throw out of `preload`.
 */
import { TracelogError } from '../diag/errors.ts'
import { sayOnce } from '../diag/events.ts'
import { readAppConfig, type AppConfig } from '../config/app-config.ts'
import { processEnv } from '../config/env.ts'
import { createConfigFiles, sayLeftOut } from './config-files.ts'
import { refuseThreads } from '../export/relay/announcements.ts'
import { bystanderOf, isThread, type Bystander } from './bystander.ts'
import { envOf, objectsOf, type StartOptions } from './start-options.ts'
import { startEngine, type Engine } from './start.ts'

export { expectCompiledChunks } from './chunk.ts'

/** Where every copy of this package finds the running engine. */
const ENGINE = Symbol.for('org.tracelog.v1')

/** Why there is no engine here, where there is none on purpose. */
const BYSTANDER = Symbol.for('org.tracelog.bystander')

type EngineHolder = { [ENGINE]?: Engine; [BYSTANDER]?: Bystander }

/** Starts with the environment's settings. Never throws: a wrong setting is one line on stderr, then its default. */
export function preload(): void {
  const holder = globalThis as EngineHolder
  if (holder[ENGINE] !== undefined) return
  const bystander = bystanderOf(process.argv[1])
  if (bystander !== undefined) {
    // For whoever asks why nothing is captured here (`tracelog doctor`).
    holder[BYSTANDER] = bystander
    // Its threads ask here whether they are an application's.
    if (!isThread()) refuseThreads()
    return
  }
  try {
    const files = createConfigFiles()
    const read = readAppConfig(processEnv(), { files: files.read() })
    const isInThread = isThread()
    if (isInThread && read.config.disabledInstrumentations.includes('worker_threads')) return
    // The main thread has said what is wrong.
    if (!isInThread) {
      for (const { message } of read.problems) sayOnce(message, `${message}; using the default`)
      sayLeftOut(read.leftOut)
    }
    if (!read.config.isDisabled) holder[ENGINE] = startEngine({ ...read, files, isThread: isInThread })
  } catch (error) {
    sayOnce('start', `could not start: ${error instanceof Error ? error.message : String(error)}; nothing is captured`)
  }
}

/**
 * Starts with the environment's settings and the options over them; the running engine if there is one, which takes the objects
 * among the options.
 *
 * @throws TRACELOG_CONFIG_INVALID on the first wrong setting
 */
export function start(options: StartOptions = {}): Engine {
  const holder = globalThis as EngineHolder
  const given = objectsOf(options)
  const running = holder[ENGINE]
  if (running !== undefined) {
    // The preload cannot be given objects: here they come.
    running.add(given)
    if (given.exporters !== undefined) sayLateExporters()
    return running
  }
  const files = createConfigFiles()
  const read = readAppConfig(processEnv(), { code: envOf(options, processEnv()), files: files.read() })
  const [problem] = read.problems
  if (problem !== undefined) throw new TracelogError(problem.message, { code: problem.code, hint: problem.hint })
  sayLeftOut(read.leftOut)
  const { config } = read
  const { isDisabled } = config
  const engine = startEngine(
    { ...read, config: isDisabled ? disabled(config) : config, files, isThread: isThread() },
    isDisabled ? {} : given,
  )
  holder[ENGINE] = engine
  return engine
}

/**
 * For `tracelog run`, which has the lines of other programs: their way out, and nothing of this process is captured.
 *
 * Never throws: a wrong setting is one line on stderr, then its default.
 */
export function startForOthers(variables: Readonly<Record<string, string>>): Engine {
  const files = createConfigFiles()
  const read = readAppConfig(processEnv(), { code: variables, files: files.read() })
  for (const { message } of read.problems) sayOnce(message, `${message}; using the default`)
  const config = { ...read.config, enabledInstrumentations: [], capturesStdio: false, capturedBy: undefined }
  return startEngine({ ...read, config: read.config.isDisabled ? disabled(config) : config, files, isThread: false })
}

/** OTEL_SDK_DISABLED: code that calls `start` gets an instance all the same; nothing is hooked and nothing accepted. */
function disabled(config: AppConfig): AppConfig {
  const none = { otlp: false, console: false, file: false }
  return {
    ...config,
    destinations: { ...config.destinations, logs: none, traces: none, zipkin: undefined },
    enabledInstrumentations: [],
  }
}

/** Which ways out there are is settled at the start. */
function sayLateExporters(): void {
  sayOnce(
    'late exporters',
    'exporters are taken by the start() that starts tracelog, and it runs already (the preload, or an earlier call): give them in a ' +
      'BatchLogRecordProcessor or BatchSpanProcessor, as logRecordProcessors and spanProcessors',
  )
}
