/**
 * A trace of tasks by records alone, as an exporter sends it, and what has to be drawn of it: the same from every source.
 *
 * What is counted needs its type back (numbers, late, orphan): a source that makes texts of them would say that something is missing.
 */
import type { LogRecord } from '../../src/model/log-record.ts'
import { logsToJson } from '../../src/model/otlp-json.ts'
import { buildTree } from '../../src/tree/build-tree.ts'
import { taskTree } from '../../src/tree/task-tree.ts'
import { PLAIN_PAINT } from '../../src/tree/text/paint.ts'
import { renderTree } from '../../src/tree/text/render-tree.ts'
import type { TraceLog } from '../../src/tree/trace-data.ts'
import type { TraceTree } from '../../src/model/api.ts'
import { run, type Task } from '../tree/task-program.ts'
import { log } from '../tree/trace-builder.ts'
import { resourceOf } from './source-data.ts'

export interface SourceTasks {
  readonly traceId: string
  readonly logsRequest: string
  /** As `tracelog tree` shows it. */
  readonly drawn: readonly string[]
}

const leaf: Task = { start: 'sent', isFailed: false, steps: [] }
const PROGRAM: Task = {
  ...leaf,
  steps: [
    { do: 'line', as: 'sent', inner: false },
    { do: 'line', as: 'kept', inner: false },
    { do: 'line', as: 'dumped', inner: true },
    { do: 'task', task: { ...leaf, isFailed: true } },
    { do: 'token', tasks: [leaf, leaf] },
    { do: 'request', isOurs: true, steps: [{ do: 'task', task: leaf }] },
  ],
}

/** @param startNanos  when the first of them happened */
export function sourceTasks(traceId: string, startNanos: bigint): SourceTasks {
  const counts = { 'tracelog.task.done': 40, 'tracelog.task.total': 100 }
  const at = { span: 'open', service: 'b' }
  const logs = [
    ...run(PROGRAM).logs.filter((_, i) => i !== 1),
    log({
      ...at,
      at: 500,
      event: 'tracelog.task.start',
      body: 'import',
      attributes: { 'tracelog.task.goal': 'import', 'tracelog.task.path': '1', 'tracelog.task.orphan': true },
    }),
    log({
      ...at,
      at: 510,
      event: 'tracelog.task.progress',
      body: 'import: 40 of 100',
      attributes: { ...counts, 'tracelog.task.path': '2' },
    }),
    log({ ...at, at: 520, body: 'late', attributes: { 'tracelog.task.path': '3', 'tracelog.task.late': true } }),
  ].map((one): TraceLog => ({ ...one, record: moved(one.record, { traceId, startNanos }) }))
  const byService = Map.groupBy(logs, ({ service }) => service)
  const groups = [...byService].map(([service, own]) => ({
    resource: { attributes: resourceOf(service) },
    scopes: [{ scope: { name: 'tracelog.task', version: '' }, records: own.map(({ record }) => record) }],
  }))
  return {
    traceId,
    logsRequest: JSON.stringify(logsToJson(groups)),
    drawn: drawn(buildTree({ traceId, logs, spans: [] })),
  }
}

export function drawn(tree: TraceTree | undefined): readonly string[] {
  return tree === undefined ? [] : renderTree(taskTree(tree), { paint: PLAIN_PAINT, columns: undefined })
}

/** trace-builder.ts has one trace, at one time. */
function moved(record: LogRecord, { traceId, startNanos }: { traceId: string; startNanos: bigint }): LogRecord {
  const time = startNanos + (record.timeUnixNano - 1_790_000_000_000_000_000n)
  return { ...record, traceId, timeUnixNano: time, observedTimeUnixNano: time }
}
