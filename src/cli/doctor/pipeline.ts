/**
 * What the preload itself does with a record here: a short program runs under it in this folder, with this environment, logs one record,
 * and says what became of it on every way out.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'

import type { Env } from '../../config/env.ts'
import type { PipelineStats } from '../../export/pipeline-stats.ts'
import { isAllDelivered, laneLine } from '../../export/stats-line.ts'
import type { Io } from '../io.ts'
import { registerUrl } from '../package-info.ts'
import type { Check } from './check.ts'

const NAME = 'pipeline'
/** The program may take: to start on a busy machine, and to wait for an answer. Milliseconds. */
const PROBE_MILLIS = 20_000

/** Finds the engine as the public API does, and the Logs API's globals; its figures go to a pipe of their own. */
const PROBE = `
const engine = globalThis[Symbol.for('org.tracelog.v1')]
const logs = globalThis[Symbol.for('io.opentelemetry.js.api.logs')]?.(1)
const tell = (told) => require('node:fs').writeSync(3, JSON.stringify(told))
if (engine === undefined || logs === undefined) tell({})
else {
  logs.getLogger('tracelog-doctor').emit({ severityNumber: 24, severityText: 'test', body: 'test record of tracelog doctor, through the preload' })
  engine.flush({ timeoutMillis: 5000 }).then(() => tell({ stats: engine.stats() }))
}`

export interface ProbeOptions {
  readonly io: Pick<Io, 'cwd' | 'env'>
  /** Where records go when the environment does not say it. */
  readonly endpoint: string | undefined
}

export async function checkPipeline({ io, endpoint }: ProbeOptions): Promise<Check> {
  const { told, words } = await runProbe(io.cwd, probeEnv(io.env, endpoint))
  if (told === undefined)
    return { name: NAME, status: 'fail', message: `a program under the preload said nothing: ${words}` }
  const { stats } = told
  if (stats === undefined) {
    return { name: NAME, status: 'warn', message: `the preload starts nothing here${words === '' ? '' : `: ${words}`}` }
  }
  if (stats.lanes.length === 0) {
    return {
      name: NAME,
      status: 'warn',
      message: 'there is no way out: OTEL_LOGS_EXPORTER and OTEL_TRACES_EXPORTER name none',
    }
  }
  const lanes = stats.lanes.filter(({ emitted }) => emitted > 0).map(laneLine)
  if (lanes.length === 0)
    return { name: NAME, status: 'warn', message: 'the level is off here: not even a fatal record leaves' }
  const isDone = isAllDelivered(stats)
  return {
    name: NAME,
    status: isDone ? 'ok' : 'fail',
    message: `a record through the preload: ${lanes.join('. ')}`,
    ...(isDone || words === '' ? {} : { hint: words }),
  }
}

/** As the application's, but for its name. */
function probeEnv(env: Env, endpoint: string | undefined): Record<string, string> {
  const set = Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined && !LEFT_OUT.has(pair[0])),
  )
  const where = endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
  return { ...set, ...where, OTEL_SERVICE_NAME: 'tracelog-doctor' }
}

const LEFT_OUT = new Set(['NODE_OPTIONS', 'OTEL_SERVICE_NAME', 'TRACELOG_DEBUG'])

interface Told {
  /** Absent where nothing was started. */
  readonly stats?: PipelineStats
}

/** @returns what it told, and the preload's lines on stderr */
async function runProbe(cwd: string, env: Record<string, string>): Promise<{ told: Told | undefined; words: string }> {
  const child = spawn(process.execPath, ['--import', registerUrl(), '-e', PROBE], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: PROBE_MILLIS,
  })
  const [said, figures] = await Promise.all([
    text(child.stderr as Readable),
    text(child.stdio[3] as Readable),
    once(child, 'close'),
  ])
  const words = said.split('\n').filter((line) => line.startsWith('tracelog: '))
  return { told: figures === '' ? undefined : (JSON.parse(figures) as Told), words: words.join(' ') }
}
