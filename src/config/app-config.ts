/**
 * Every setting of the application's half, read once at start, with the problems found on the way.
 *
 * Only app/ reads this; the stages get their own options. A wrong value never stops the reading: default, and a problem.
 */
import type { OtlpEndpoint } from '../export/otlp-endpoint.ts'
import type { Attributes } from '../model/any-value.ts'
import type { RecorderSettings } from '../process/recorder/recorder.ts'
import type { TracelogError } from '../diag/errors.ts'
import { readAttributeList } from './attribute-list.ts'
import { readDestinations, type DestinationConfig } from './destination-config.ts'
import { invalid, readBoolean, readInteger, readList, readSwitch, readText, type Env } from './env.ts'
import { NO_FILE_SETTINGS, toldOfFile, type Place } from './file/file-settings.ts'
import { readHops, type HopConfig } from './hop-config.ts'
import { readLauncher, type LauncherConfig } from './launcher-config.ts'
import { layeredEnv, type LayeredEnv, type Layers } from './layers.ts'
import { readLevels, type LevelConfig } from './level-config.ts'
import { readMetrics, type MetricsConfig } from './metrics-config.ts'
import { readOtlpEndpoint } from './otlp-config.ts'
import { createProblemCollector, type ProblemCollector } from './problems.ts'
import { readRecorder } from './recorder-config.ts'
import { readRedaction, type RedactConfig } from './redact-config.ts'
import { readReturn, type ReturnConfig } from './return-config.ts'
import { shownSettings, type ShownSetting } from './shown-settings.ts'
import { readSpool, type SpoolSettings } from './spool-config.ts'

/** Waiting records in memory. Bytes. Source: spec, pipeline. */
const DEFAULT_QUEUE_MAX_BYTES = 32 * 1024 * 1024
/**
 * How long a record waits for others to travel with. Milliseconds. The specification's 1000 is for batch jobs; a person who
 * looks at `tracelog tail` sees 200 as "at once", and at a thousand records a second a batch is still two hundred of them.
 */
const DEFAULT_SCHEDULE_DELAY_MILLIS = 200
/** Records in one request; a request also ends at about 1 MiB (src/export/open-batch.ts). The SDK's 512 costs 16 times the requests. */
const DEFAULT_MAX_BATCH_RECORDS = 8192

const DETECTORS = ['env', 'host', 'os', 'process', 'serviceinstance', 'all', 'none'] as const
export type ResourceDetector = (typeof DETECTORS)[number]

export interface AppConfig {
  /** OTEL_SDK_DISABLED: nothing is hooked, nothing is sent. */
  readonly isDisabled: boolean
  /** TRACELOG_DEBUG: one JSON line at start. */
  readonly isDebug: boolean
  /** `undefined`: taken from the nearest package.json. */
  readonly serviceName: string | undefined
  readonly launcher: LauncherConfig
  readonly resourceAttributes: Attributes
  readonly resourceDetectors: readonly ResourceDetector[]
  readonly destinations: DestinationConfig
  readonly otlp: { readonly logs: OtlpEndpoint; readonly traces: OtlpEndpoint }
  /** `undefined`: nothing is measured. */
  readonly metrics: MetricsConfig | undefined
  readonly queueMaxBytes: number
  readonly scheduleDelayMillis: number
  readonly maxBatchRecords: number
  readonly usesWorker: boolean
  /** `undefined`: what nobody answers for stays in memory. */
  readonly spool: SpoolSettings | undefined
  /** What is set at the start; the level files are read later, and again. */
  readonly levels: LevelSettings
  readonly redaction: RedactConfig
  readonly capturesConsole: boolean
  /** TRACELOG_WINSTON_GATE: levels that nobody takes are stopped before winston formats them. */
  readonly gatesWinston: boolean
  /** TRACELOG_CAPTURE_STDIO: what is written to standard output itself becomes records. */
  readonly capturesStdio: boolean
  /** TRACELOG_CAPTURED_BY: the file of a `tracelog run` above us, which is told that this process captures its own output. */
  readonly capturedBy: string | undefined
  /** TRACELOG_BUNYAN_ALL: levels of bunyan that are off are heard too. */
  readonly hearsAllOfBunyan: boolean
  readonly addsRecordUid: boolean
  /** Names of instrumentations; `undefined`: all of them. */
  readonly enabledInstrumentations: readonly string[] | undefined
  readonly disabledInstrumentations: readonly string[]
  readonly hops: HopConfig
  /** The flight recorder; `undefined`: there is none. */
  readonly recorder: RecorderSettings | undefined
  /** Lines returned to callers; `undefined`: none are. */
  readonly returning: ReturnConfig | undefined
}

/** Unlike all other settings, what is said of levels adds up: the gate knows which source is the stronger. */
interface LevelSettings {
  readonly environment: LevelConfig | undefined
  readonly file: LevelConfig | undefined
  readonly code: LevelConfig | undefined
}

export interface AppConfigResult {
  readonly config: AppConfig
  /** One per variable that broke its rule. */
  readonly problems: readonly TracelogError[]
  /** What configuration files ask for and nobody here does. */
  readonly leftOut: readonly Place[]
  /** All that are set, as they may be shown. */
  readonly settings: () => Readonly<Record<string, ShownSetting>>
}

/** Never throws. */
export function readAppConfig(environment: Env, layers: Layers = {}): AppConfigResult {
  const layered = layeredEnv(environment, layers)
  const { env } = layered
  const { files = NO_FILE_SETTINGS } = layers
  const problems = createProblemCollector()
  const integer = (name: string, min: number) =>
    problems.attempt(() => readInteger(env, name, { min, max: Number.MAX_SAFE_INTEGER }))
  const config: AppConfig = {
    isDisabled: problems.attempt(() => readBoolean(env, 'OTEL_SDK_DISABLED')) ?? false,
    isDebug: readText(env, 'TRACELOG_DEBUG') === '1',
    serviceName: readText(env, 'OTEL_SERVICE_NAME'),
    launcher: readLauncher(env),
    resourceAttributes: {
      ...files.resourceAttributes,
      ...problems.attempt(() => readAttributeList(env, 'OTEL_RESOURCE_ATTRIBUTES')),
    },
    resourceDetectors: problems.attempt(() => readDetectors(env)) ?? ['all'],
    destinations: readDestinations(env, problems),
    otlp: readOtlp(env, problems),
    metrics: readMetrics(env, problems),
    queueMaxBytes: integer('TRACELOG_QUEUE_MAX_BYTES', 64 * 1024) ?? DEFAULT_QUEUE_MAX_BYTES,
    scheduleDelayMillis:
      integer('OTEL_BLRP_SCHEDULE_DELAY', 0) ?? integer('OTEL_BSP_SCHEDULE_DELAY', 0) ?? DEFAULT_SCHEDULE_DELAY_MILLIS,
    maxBatchRecords:
      integer('OTEL_BLRP_MAX_EXPORT_BATCH_SIZE', 1) ??
      integer('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 1) ??
      DEFAULT_MAX_BATCH_RECORDS,
    usesWorker: problems.attempt(() => readSwitch(env, 'TRACELOG_WORKER')) ?? true,
    spool: readSpool(env, problems),
    levels: readAllLevels(layered, { ...layers, environment }, problems),
    redaction: readRedaction(env, problems),
    capturedBy: readText(env, 'TRACELOG_CAPTURED_BY'),
    capturesStdio: problems.attempt(() => readSwitch(env, 'TRACELOG_CAPTURE_STDIO')) ?? false,
    hearsAllOfBunyan: problems.attempt(() => readSwitch(env, 'TRACELOG_BUNYAN_ALL')) ?? false,
    gatesWinston: problems.attempt(() => readSwitch(env, 'TRACELOG_WINSTON_GATE')) ?? true,
    capturesConsole: problems.attempt(() => readSwitch(env, 'TRACELOG_CONSOLE')) ?? true,
    addsRecordUid: problems.attempt(() => readSwitch(env, 'TRACELOG_RECORD_UID')) ?? false,
    enabledInstrumentations: readList(env, 'OTEL_NODE_ENABLED_INSTRUMENTATIONS'),
    disabledInstrumentations: readList(env, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS') ?? [],
    hops: readHops(env, problems),
    recorder: readRecorder(env, problems),
    returning: readReturn(env, problems),
  }
  return {
    config,
    problems: oncePerMessage([...files.problems, ...problems.problems.map((problem) => toldOfFile(problem, files))]),
    leftOut: [...files.leftOut, ...layered.unread()],
    settings: () => shownSettings(layered),
  }
}

/** Each by itself: the gate adds them up. */
function readAllLevels(
  { env }: LayeredEnv,
  { environment, code = {}, files = NO_FILE_SETTINGS }: Layers & { readonly environment: Env },
  problems: ProblemCollector,
): AppConfig['levels'] {
  const name = 'TRACELOG_LEVEL'
  if (readText(env, name) === undefined) return { environment: undefined, file: undefined, code: undefined }
  const read = (layer: Env) => problems.attempt(() => readLevels(layer, name))
  return { environment: read(environment), file: read({ [name]: files.variables.get(name)?.value }), code: read(code) }
}

/** Both signals read the general variables: one line each is enough. */
function oncePerMessage(problems: readonly TracelogError[]): readonly TracelogError[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}

function readOtlp(env: Env, problems: ProblemCollector): AppConfig['otlp'] {
  return { logs: readOtlpEndpoint(env, 'logs', problems), traces: readOtlpEndpoint(env, 'traces', problems) }
}

function readDetectors(env: Env): readonly ResourceDetector[] | undefined {
  const name = 'OTEL_NODE_RESOURCE_DETECTORS'
  const items = readList(env, name)
  const known = items?.map((item) => DETECTORS.find((detector) => detector === item.toLowerCase()))
  if (items === undefined || known === undefined) return undefined
  if (known.includes(undefined)) throw invalid(name, items.join(','), `a comma list of ${DETECTORS.join(', ')}`)
  return known as readonly ResourceDetector[]
}
