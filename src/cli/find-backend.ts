/**
 * Which backend is meant, and is there one? By flag, by environment, else by the file that a running `tracelog dev` leaves.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { readDataDirectory } from '../config/backend-config.ts'
import { invalid, readText } from '../config/env.ts'
import { parseHttpUrl, withoutLogin } from '../config/http-url.ts'
import { TracelogError } from '../diag/errors.ts'
import type { BackendAddress } from '../sources/backend-client.ts'
import type { Invocation } from './command.ts'

/** What `tracelog dev` prints when it is ready, and writes to `<data>/backend.json`. */
export interface ReadyLine {
  readonly ready: true
  readonly pid: number
  readonly otlp_http: string
  readonly otlp_grpc: string
  readonly api: string
  readonly token: string
  readonly data: string
  /** `127.0.0.1:port` of `--syslog`; not in the file. */
  readonly syslog?: string
}

export interface FoundBackend {
  readonly address: BackendAddress
  /** Where applications send to; `undefined` when the backend was given by its API's address alone. */
  readonly otlpHttp: string | undefined
  readonly otlpGrpc: string | undefined
  readonly pid: number | undefined
}

/** @throws TRACELOG_BACKEND_UNREACHABLE when none is named and none runs; TRACELOG_CONFIG_INVALID for a wrong URL */
export function findBackend({ flags, io }: Pick<Invocation, 'flags' | 'io'>): FoundBackend {
  const token = readText(io.env, 'TRACELOG_TOKEN')
  const named = flags.text('backend') ?? readText(io.env, 'TRACELOG_BACKEND')
  const data = readDataDirectory(flags.text('data'), io.env)
  const running = readRunning(data)
  if (named !== undefined) {
    const api = checkUrl(flags.text('backend') === undefined ? 'TRACELOG_BACKEND' : '--backend', named)
    // The file's token is for the file's backend only: it must not be sent elsewhere.
    const isRunning = running !== undefined && new URL(running.api).origin === new URL(api).origin
    return {
      address: { api, token: token ?? (isRunning ? running.token : undefined) },
      otlpHttp: isRunning ? running.otlp_http : undefined,
      otlpGrpc: isRunning ? running.otlp_grpc : undefined,
      pid: isRunning ? running.pid : undefined,
    }
  }
  if (running === undefined) throw noBackend(data)
  return {
    address: { api: running.api, token: token ?? running.token },
    otlpHttp: running.otlp_http,
    otlpGrpc: running.otlp_grpc,
    pid: running.pid,
  }
}

/** Where the backend is now: for commands that outlive it. @returns undefined when none runs at the moment */
export function findAgain(invocation: Pick<Invocation, 'flags' | 'io'>): BackendAddress | undefined {
  try {
    return findBackend(invocation).address
  } catch {
    return undefined
  }
}

/** @returns `undefined` when there is no file, an unreadable one, or its process is gone */
export function readRunning(data: string): ReadyLine | undefined {
  try {
    const line = JSON.parse(readFileSync(join(data, 'backend.json'), 'utf8')) as ReadyLine
    return URL.canParse(line.api) && isAlive(line.pid) ? line : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It lives, but is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function checkUrl(name: string, text: string): string {
  const url = parseHttpUrl(text)
  if (url !== undefined) return url.origin
  throw invalid(name, withoutLogin(text), 'a URL such as http://127.0.0.1:4330')
}

function noBackend(data: string): TracelogError {
  return new TracelogError(`no backend is running (looked for ${join(data, 'backend.json')})`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: 'Start one with `npx tracelog dev`, or name one with --backend URL.',
  })
}
