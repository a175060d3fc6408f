/**
 * What the application writes to standard output itself, as records with the trace of the call: JSON lines of loggers by their keys, other
 * lines as text, a stack as one record. What a bridge or console has told already is left out.
 *
 * A door (.ci/build.mjs): compiled where TRACELOG_CAPTURE_STDIO is on.
 */
import { context, type Context } from '@opentelemetry/api'

import { soon } from '../../diag/timers.ts'
import { JoinedLines, type JoinedLine } from '../../model/line-shapes/joined-lines.ts'
import { readPrintedLine } from '../../model/line-shapes/printed-line.ts'
import { FieldRoles } from '../../record/field-roles.ts'
import type { RecordEmitter } from '../../record/record-emitter.ts'
import type { StdioWrite } from '../stdio.ts'
import { createLoggerScopes } from './logger-scopes.ts'
import { isWritten } from './printed-lines.ts'

export interface StdioRecords {
  write(write: StdioWrite): void
  /** Makes the records of what has no end yet. */
  settle(): void
}

type StreamName = StdioWrite['stream']

/** The call that a line began with. */
interface Origin {
  readonly context: Context
  readonly timeUnixNano: bigint
}

const ROLES = new FieldRoles()

export function createStdioRecords({ records }: { readonly records: RecordEmitter }): StdioRecords {
  const scopeOf = createLoggerScopes(() => process.versions.node)
  const streams: Readonly<Record<StreamName, WrittenStream>> = {
    stdout: new WrittenStream((line, origin) => emit('stdout', line, origin)),
    stderr: new WrittenStream((line, origin) => emit('stderr', line, origin)),
  }

  function emit(stream: StreamName, line: JoinedLine, { context: at, timeUnixNano: written }: Origin): void {
    const { severityNumber, severityText, body, logger, attributes, timeUnixNano } = readPrintedLine(line, stream)
    const scope = scopeOf(logger ?? stream)
    const verdict = records.judge(severityNumber, scope.name, at)
    if (verdict === 'drop') return
    const time = { timeUnixNano: timeUnixNano ?? written, isTimeCut: timeUnixNano !== undefined }
    const common = { severityNumber, severityText, context: at, ...time }
    if (typeof body === 'string') {
      const plain = { ...common, body, fields: attributes, roles: ROLES, mayHaveGetters: false }
      if (records.emitPlain(plain, scope, verdict)) return
    }
    records.emit({ ...common, ...(body === undefined ? {} : { body }), attributes }, scope, verdict)
  }

  return {
    write: (write) =>
      streams[write.stream].write(write, { context: context.active(), timeUnixNano: records.nowUnixNano() }),
    settle() {
      streams.stdout.end()
      streams.stderr.end()
    },
  }
}

class WrittenStream {
  readonly #lines: JoinedLines<Origin>
  /** Of bytes, whose characters may be cut. */
  #decoder: InstanceType<typeof TextDecoder> | undefined
  #isFlushing = false

  constructor(onLine: (line: JoinedLine, origin: Origin) => void) {
    this.#lines = new JoinedLines(onLine)
  }

  write({ chunk, encoding }: StdioWrite, origin: Origin): void {
    const text = this.#textOf(chunk, encoding)
    if (isWritten(text.trimEnd())) return
    this.#lines.push(text, origin)
    if (!this.#lines.isWaiting || this.#isFlushing) return
    // The rest of a stack is written at once.
    this.#isFlushing = true
    soon(() => {
      this.#isFlushing = false
      this.#lines.flush()
    })
  }

  end(): void {
    this.#lines.end()
  }

  #textOf(chunk: string | Uint8Array, encoding: string | undefined): string {
    if (typeof chunk === 'string' && !isBytes(encoding)) return chunk
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : chunk
    return (this.#decoder ??= new TextDecoder()).decode(bytes, { stream: true })
  }
}

/** Whether a text stands for bytes. */
function isBytes(encoding: string | undefined): boolean {
  return encoding !== undefined && !/^utf-?8$/i.test(encoding)
}
