/**
 * A short program under the preload, in the folder of the application and with its environment: what did it tell, and what did the preload say?
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

import type { Env } from '../../config/env.ts'
import { registerUrl } from '../package-info.ts'

/** It may take: to start on a busy machine, and to wait for an answer. Milliseconds. */
const PROBE_MILLIS = 20_000

export interface ProbeOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** CommonJS. What it tells it writes as JSON to the descriptor 3. */
  readonly program: string
  /** `process.argv[1]` of the program. Default: none. */
  readonly input?: string
}

export interface Probed<Told> {
  /** `undefined`: it told nothing. */
  readonly told: Told | undefined
  /** The preload's lines on stderr. */
  readonly words: readonly string[]
}

export async function runProbe<Told>({ cwd, env, program, input }: ProbeOptions): Promise<Probed<Told>> {
  const args = ['--import', registerUrl(), '-e', program, ...(input === undefined ? [] : [input])]
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: PROBE_MILLIS,
  })
  const [said, told] = await Promise.all([
    text(child.stderr as Readable),
    text(child.stdio[3] as Readable),
    once(child, 'close'),
  ])
  const words = said.split('\n').filter((line) => line.startsWith('tracelog: '))
  return { told: told === '' ? undefined : (JSON.parse(told) as Told), words }
}

/** As the application's, but for its name and what is left out. */
export function probeEnv(env: Env, leftOut: ReadonlySet<string>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !leftOut.has(pair[0]),
  )
  return { ...Object.fromEntries(kept), OTEL_SERVICE_NAME: 'tracelog-doctor' }
}
