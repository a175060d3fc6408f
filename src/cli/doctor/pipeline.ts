/**
 * What the preload itself does with a record here: a short program runs under it in this folder, with this environment, logs one record,
 * and says what became of it on every way out.
 */
import type { PipelineStats } from '../../export/pipeline-stats.ts'
import { isAllDelivered, laneLine } from '../../export/stats-line.ts'
import type { Io } from '../io.ts'
import type { Check } from './check.ts'
import { probeEnv, runProbe } from './probe.ts'

const NAME = 'pipeline'

/** Finds the engine as the public API does, and the Logs API's globals; its figures go to a pipe of their own. */
const PROGRAM = `
const engine = globalThis[Symbol.for('org.tracelog.v1')]
const logs = globalThis[Symbol.for('io.opentelemetry.js.api.logs')]?.(1)
const tell = (told) => require('node:fs').writeSync(3, JSON.stringify(told))
if (engine === undefined || logs === undefined) tell({})
else {
  logs.getLogger('tracelog-doctor').emit({ severityNumber: 24, severityText: 'test', body: 'test record of tracelog doctor, through the preload' })
  engine.flush({ timeoutMillis: 5000 }).then(() => tell({ stats: engine.stats() }))
}`

export interface PipelineOptions {
  readonly io: Pick<Io, 'cwd' | 'env'>
  /** Where records go when the environment does not say it. */
  readonly endpoint: string | undefined
}

export async function checkPipeline({ io, endpoint }: PipelineOptions): Promise<Check> {
  const where = endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
  const env = { ...probeEnv(io.env, LEFT_OUT), ...where }
  const probed = await runProbe<Told>({ cwd: io.cwd, env, program: PROGRAM })
  const words = probed.words.join(' ')
  const { told } = probed
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

const LEFT_OUT = new Set(['NODE_OPTIONS', 'OTEL_SERVICE_NAME', 'TRACELOG_DEBUG'])

interface Told {
  /** Absent where nothing was started. */
  readonly stats?: PipelineStats
}
