/**
 * Root tasks as rows, made of what their records say: begun, how far, ended. In any order, each record once or twice. Pure.
 */
import type { LogRow } from '../../../model/api.ts'

/** Records that tell of a task itself; a path with a slash is that of a task within another one. */
export const TASKS_QUERY =
  '(event:tracelog.task.start OR event:tracelog.task.progress OR event:tracelog.task.end) -task_path:*/*'

export interface RootTask {
  readonly key: string
  readonly traceId: string
  /** `<missing>`: its start was not received. */
  readonly goal: string
  readonly service: string
  /** Milliseconds since the epoch, of the first record that is known. */
  readonly beganAt: number
  /** `succeeded`, `failed`, `cancelled`; undefined: no end was seen. */
  readonly status: string | undefined
  /** Undefined: no end was seen. */
  readonly tookMillis: number | undefined
  /** `7 of 9`, `7`; `''` */
  readonly progress: string
  /** What its end says beside the goal. */
  readonly said: string
}

interface Known {
  start?: LogRow
  end?: LogRow
  progress?: LogRow
}

export class RootTasks {
  readonly #known = new Map<string, Known>()

  /** @returns false for a record that tells of no task */
  add(row: LogRow): boolean {
    const part = /^tracelog\.task\.(start|progress|end)$/.exec(String(row['event']))?.[1] as keyof Known | undefined
    if (part === undefined || row.trace_id === undefined) return false
    const key = `${row.trace_id} ${row.span_id ?? ''}`
    const known = this.#known.get(key) ?? {}
    const before = known[part]
    if (before === undefined || part !== 'progress' || before.time_ns <= row.time_ns) known[part] = row
    this.#known.set(key, known)
    return true
  }

  /** The newest first. */
  rows(): readonly RootTask[] {
    return [...this.#known].map(([key, known]) => taskOf(key, known)).toSorted((a, b) => b.beganAt - a.beganAt)
  }
}

const MISSING = '<missing>'

function taskOf(key: string, { start, end, progress }: Known): RootTask {
  const one = (start ?? progress ?? end) as LogRow
  const goal = start === undefined ? MISSING : textOf(start['task'] ?? start.message)
  const status = end === undefined ? undefined : textOf(end['tracelog.task.status'])
  const beganAt = Date.parse(one.timestamp)
  const said = end === undefined ? '' : textOf(end['error_message'] ?? end.message)
  return {
    key,
    traceId: one.trace_id ?? '',
    goal,
    service: one.service,
    beganAt,
    status,
    tookMillis: end === undefined || start === undefined ? undefined : Date.parse(end.timestamp) - beganAt,
    progress: progressOf(progress),
    said: said === goal ? '' : said,
  }
}

function progressOf(row: LogRow | undefined): string {
  const done = row?.['tracelog.task.done']
  const total = row?.['tracelog.task.total']
  if (done === undefined) return ''
  return total === undefined ? textOf(done) : `${textOf(done)} of ${textOf(total)}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
