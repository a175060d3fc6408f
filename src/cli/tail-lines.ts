/**
 * What a tail prints: a line for each record; on a terminal one line for all that a task says of how far it is, as long as nothing
 * else comes in between.
 */
import type { LogRow } from '../model/api.ts'
import { EVENT_TASK_PROGRESS } from '../model/semconv.ts'
import { widthOf } from '../model/text-width.ts'
import { PLAIN_PAINT } from '../tree/text/paint.ts'
import { createPaint } from './colour.ts'
import { writeLine, type Io } from './io.ts'
import { createLogLines } from '../tree/text/log-line.ts'

/** To the line above, and what stands there goes. */
const REPLACE_LINE = '\x1b[1A\x1b[2K'

export interface TailLines {
  record(row: LogRow): void
  /** Something else, on standard error. */
  remark(text: string): void
}

export function createTailLines({ out, err, env }: Pick<Io, 'out' | 'err' | 'env'>): TailLines {
  const lines = createLogLines({ paint: createPaint(out.colourDepth), columns: out.columns })
  const plain = createLogLines({ paint: PLAIN_PAINT, columns: out.columns })
  const canReplace = out.isTerminal && env['TERM'] !== 'dumb'
  /** The task whose progress is the last line, where that is one row of the terminal. */
  let above: string | undefined
  return {
    record(row) {
      const task = canReplace ? taskOf(row) : undefined
      const line = lines.line(row)
      out.write(`${task !== undefined && task === above ? REPLACE_LINE : ''}${line}\n`)
      above = task !== undefined && widthOf(plain.line(row)) < (out.columns ?? 0) ? task : undefined
    },
    remark(text) {
      writeLine(err, text)
      above = undefined
    },
  }
}

/** The task of which a record tells how far it is. */
function taskOf(row: LogRow): string | undefined {
  return row['event'] === EVENT_TASK_PROGRESS ? row.span_id : undefined
}
