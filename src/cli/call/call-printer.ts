/**
 * The lines of a call on standard error: records as `tail` shows them, console output behind the name of its stream.
 */
import type { FlatLine, WithLogsOptions } from '../../client.ts'
import type { LogRow } from '../../model/api.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { createPaint } from '../colour.ts'
import type { Invocation } from '../command.ts'
import { writeJson } from '../io.ts'
import { createTailLines } from '../tail-lines.ts'

export interface CallPrinter {
  readonly callbacks: Pick<WithLogsOptions, 'onLog' | 'onStdout' | 'onStderr' | 'onGap'>
  /** Of ours. */
  remark(text: string): void
}

export function createCallPrinter({ flags, io: { out, err, env } }: Pick<Invocation, 'flags' | 'io'>): CallPrinter {
  if (flags.isSet('json')) return jsonPrinter((value) => writeJson(err, value))
  const paint = createPaint(err.colourDepth)
  // How far a task is replaces the line above only where no response can have come in between.
  const shown = { ...err, isTerminal: err.isTerminal && !out.isTerminal, columns: err.columns }
  const lines = createTailLines({ out: shown, err, env })
  const remark = (text: string): void => lines.remark(`tracelog call: ${visibleLine(text)}`)
  const console = (name: string, text: string): void =>
    lines.remark(`${paint.tone('dim', `${name} |`)} ${visibleLine(text)}`)
  return {
    remark,
    callbacks: {
      onLog: (line) => lines.record(rowOf(line)),
      onStdout: (text) => console('stdout', text),
      onStderr: (text) => console('stderr', text),
      onGap: (dropped) => remark(gapText(dropped)),
    },
  }
}

function jsonPrinter(write: (value: unknown) => void): CallPrinter {
  return {
    remark: (message) => write({ type: 'remark', message }),
    callbacks: {
      onLog: (line) => write({ type: 'log', line }),
      onStdout: (text) => write({ type: 'stdout', text }),
      onStderr: (text) => write({ type: 'stderr', text }),
      onGap: (dropped) => write({ type: 'gap', dropped }),
    },
  }
}

function gapText(dropped: number): string {
  return `${dropped} lines are not here: they came faster than they could be sent`
}

/** A line that came from anywhere: what a row must have, it has. */
function rowOf(line: FlatLine): LogRow {
  return {
    ...line,
    _id: '',
    time_ns: '',
    observed_ns: '',
    timestamp: textOr(line.timestamp, new Date().toISOString()),
    level: textOr(line.level, 'INFO'),
    service: textOr(line.service, ''),
    message: textOr(line.message, ''),
  }
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}
