/**
 * Code over environment over files: one environment made of three, which knows where each value came from.
 *
 * A stronger layer's general variable (OTEL_EXPORTER_OTLP_ENDPOINT) also counts before a weaker one's special variable
 * (OTEL_EXPORTER_OTLP_LOGS_ENDPOINT): who sets it in the environment means all signals, whatever a file says of one.
 */
import { readText, type Env } from './env.ts'
import { NO_FILE_SETTINGS, type FileSettings, type Place } from './file/file-settings.ts'

export interface Layers {
  /** What code says, as variables. */
  readonly code?: Env
  readonly files?: FileSettings
}

export interface LayeredEnv {
  readonly env: Env
  /** Of variables of ours and of OpenTelemetry's that are set: `code`, `environment`, or the file and its line. */
  readonly sourceOf: (name: string) => string | undefined
  /** What files say and nobody has read from `env`. */
  unread(): readonly Place[]
}

export function layeredEnv(environment: Env, { code = {}, files = NO_FILE_SETTINGS }: Layers): LayeredEnv {
  const stronger = { ...environment, ...code }
  const { variables } = files
  const fromFiles = [...variables].filter(([name]) => !isSaid(name === FILE_BEFORE_ENVIRONMENT ? code : stronger, name))
  const merged: Env = { ...stronger, ...Object.fromEntries(fromFiles.map(([name, { value }]) => [name, value])) }
  const read = new Set<string>()
  const isFromFile = new Set(fromFiles.map(([name]) => name))
  return {
    env: variables.size === 0 ? merged : noticing(merged, read),
    sourceOf(name) {
      const place = isFromFile.has(name) ? variables.get(name)?.place : undefined
      if (place !== undefined) return `${place.file}:${place.line}`
      if (readText(code, name) !== undefined) return 'code'
      return readText(environment, name) === undefined ? undefined : 'environment'
    },
    unread: () => [...variables].filter(([name]) => !read.has(name)).map(([, { place }]) => place),
  }
}

function isSaid(env: Env, name: string): boolean {
  return [name, ...generalOf(name)].some((one) => readText(env, one) !== undefined)
}

/** Levels alone are as a file says, also against the environment: a file can be changed while the process runs. */
const FILE_BEFORE_ENVIRONMENT = 'TRACELOG_LEVEL'

/** Which other variables say the same for more. */
function generalOf(name: string): readonly string[] {
  const otlp = /^(OTEL_EXPORTER_OTLP_)(?:LOGS|TRACES)_(.+)$/.exec(name)
  if (otlp !== null) return [`${otlp[1]}${otlp[2]}`]
  const limit = /^OTEL_SPAN_(ATTRIBUTE_.+)$/.exec(name)
  if (limit !== null) return [`OTEL_${limit[1]}`]
  const batch = /^OTEL_B(?:LR|S)P_(.+)$/.exec(name)
  return batch === null ? [] : [`OTEL_BLRP_${batch[1]}`, `OTEL_BSP_${batch[1]}`]
}

function noticing(env: Env, read: Set<string>): Env {
  return new Proxy(env, {
    get(target, name) {
      if (typeof name === 'string') read.add(name)
      return Reflect.get(target, name) as unknown
    },
  })
}
