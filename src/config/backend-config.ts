/**
 * What `tracelog dev` was asked for: flags before environment before defaults, each checked, into one BackendConfig.
 */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { TracelogError } from '../diag/errors.ts'
import { type Env, readSwitch, readText } from './env.ts'
import { readReturnKeys, type ReturnConfig } from './return-config.ts'
import type { RulesFile } from './backend-rules.ts'

/** Ports of the contract (spec: OTLP's own, and ours). */
export const DEFAULT_PORTS = { otlpHttp: 4318, otlpGrpc: 4317, api: 4330 } as const

const FSYNC_MODES = ['each', 'interval', 'off'] as const

/** The flags of `tracelog dev`, as text. */
export interface BackendFlags {
  readonly data?: string | undefined
  readonly otlpHttp?: string | undefined
  readonly otlpGrpc?: string | undefined
  readonly api?: string | undefined
  readonly listen?: string | undefined
  readonly token?: string | undefined
  readonly fsync?: string | undefined
  readonly allowHosts?: readonly string[] | undefined
  readonly rebuild?: boolean | undefined
}

/** Everything a backend needs to know. */
export interface BackendConfig {
  /** Absolute. */
  readonly dataDirectory: string
  /** `127.0.0.1` stands for both loopback addresses. */
  readonly host: string
  /** 0: any free one. */
  readonly otlpHttpPort: number
  readonly otlpGrpcPort: number
  readonly apiPort: number
  /** Undefined: the one that the data directory keeps. */
  readonly token: string | undefined
  readonly fsync: (typeof FSYNC_MODES)[number]
  /** Host names that requests may carry beside the loopback ones. */
  readonly allowedHosts: readonly string[]
  /** Puts the store aside and builds it again from the journal. */
  readonly rebuild: boolean
  /** Callers may open streams of the lines of their calls here, with a bearer that one of the keys has signed. */
  readonly returning?: Pick<ReturnConfig, 'keys'>
  /** A folder whose node_modules may hold DuckDB, for where no project does. */
  readonly duckdbDirectory?: string
  /** Undefined: no rules. */
  readonly rules?: RulesFile | undefined
}

/** Shorter ones can be guessed. Characters. */
const MIN_TOKEN = 8
/** What fits in a header, a cookie and a query without escaping. */
const TOKEN = /^[A-Za-z0-9._~-]+$/

/** @throws TRACELOG_CONFIG_INVALID naming flag or variable, value and rule */
export function readBackendConfig(flags: BackendFlags, env: Env): BackendConfig {
  return {
    dataDirectory: readDataDirectory(flags.data, env),
    host: textOf(flags.listen) ?? '127.0.0.1',
    otlpHttpPort: readPort('--otlp-http', flags.otlpHttp, DEFAULT_PORTS.otlpHttp),
    otlpGrpcPort: readPort('--otlp-grpc', flags.otlpGrpc, DEFAULT_PORTS.otlpGrpc),
    apiPort: readPort('--api', flags.api, DEFAULT_PORTS.api),
    token: readToken(flags.token, env),
    fsync: readFsync(flags.fsync),
    allowedHosts: (flags.allowHosts ?? [])
      .flatMap((hosts) => hosts.split(','))
      .map(trim)
      .filter((host) => host !== ''),
    rebuild: flags.rebuild ?? false,
    ...(readSwitch(env, 'TRACELOG_RETURN') === true && { returning: { keys: readReturnKeys(env) ?? [] } }),
  }
}

/** `--data`, else `TRACELOG_DATA`, else `$XDG_STATE_HOME/tracelog`, else `~/.local/state/tracelog`. Absolute. */
export function readDataDirectory(flag: string | undefined, env: Env): string {
  const chosen = textOf(flag) ?? readText(env, 'TRACELOG_DATA')
  if (chosen !== undefined) return resolve(chosen)
  const state = readText(env, 'XDG_STATE_HOME')
  return state === undefined ? join(homedir(), '.local', 'state', 'tracelog') : resolve(state, 'tracelog')
}

/** `$XDG_CACHE_HOME/tracelog`, else `~/.cache/tracelog`: what can be fetched again. Absolute. */
export function readCacheDirectory(env: Env): string {
  const cache = readText(env, 'XDG_CACHE_HOME')
  return cache === undefined ? join(homedir(), '.cache', 'tracelog') : resolve(cache, 'tracelog')
}

function readPort(flag: string, text: string | undefined, otherwise: number): number {
  const value = textOf(text)
  if (value === undefined) return otherwise
  const port = Number(value)
  if (/^\d+$/.test(value) && port <= 65_535) return port
  throw wrong(flag, value, 'a whole number from 0 to 65535')
}

function readToken(flag: string | undefined, env: Env): string | undefined {
  const name = textOf(flag) === undefined ? 'TRACELOG_TOKEN' : '--token'
  const token = textOf(flag) ?? readText(env, 'TRACELOG_TOKEN')
  if (token === undefined) return undefined
  if (token.length >= MIN_TOKEN && TOKEN.test(token)) return token
  // The value is a secret: the error does not repeat it.
  throw wrong(name, '[redacted]', `at least ${MIN_TOKEN} characters of A-Z a-z 0-9 . _ ~ -`)
}

function readFsync(text: string | undefined): BackendConfig['fsync'] {
  const value = textOf(text)
  if (value === undefined) return 'each'
  const mode = FSYNC_MODES.find((candidate) => candidate === value)
  if (mode !== undefined) return mode
  throw wrong('--fsync', value, `one of ${FSYNC_MODES.join(', ')}`)
}

function textOf(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}

function trim(text: string): string {
  return text.trim()
}

function wrong(name: string, value: string, rule: string): TracelogError {
  return new TracelogError(`${name} is "${value}", but must be ${rule}`, {
    code: 'TRACELOG_CONFIG_INVALID',
    hint: `Set ${name} to ${rule}, or leave it out to use the default.`,
  })
}
