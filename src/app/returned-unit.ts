/**
 * What a bound stream gets of its unit: which records, what of them, what is written to standard output, and when it is over.
 *
 * Over: the response is, and every task and unit within it, and LINGER has passed.
 */
import type { UnitReturn } from '../context/request-unit.ts'
import { startTimer } from '../diag/timers.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { ATTR_VISIBILITY, SCOPE_RETURN } from '../model/semconv.ts'
import { SEVERITY_INFO } from '../model/severity.ts'
import { ConsoleLines } from '../returning/console-lines.ts'
import type { OpenStream, ReturnStreams } from '../returning/return-streams.ts'
import { returnedLine } from '../returning/returned-line.ts'

export interface ReturnedUnitOptions {
  readonly stream: OpenStream
  readonly streams: ReturnStreams
  readonly serviceName: () => string
  readonly publicLoggers: readonly string[]
  /** Always, whatever TRACELOG_REDACT says. */
  readonly redact: (record: LogRecord) => LogRecord
  readonly hideText: (text: string) => string
  /** Milliseconds. */
  readonly lingerMillis: number
  readonly detached: <T>(run: () => T) => T
  /** RFC 3339, now. */
  readonly now: () => string
}

/** Our own words about returning are not for who is returned to. */
export const RETURN_SCOPE: InstrumentationScope = { name: SCOPE_RETURN, version: '' }

export class ReturnedUnit implements UnitReturn {
  readonly from: number
  readonly #options: ReturnedUnitOptions
  readonly #lines: Readonly<Record<'stdout' | 'stderr', ConsoleLines>> | undefined
  /** The call itself, and what runs within it. */
  #running = 1
  #isOver = false
  #isAnswered = false
  #hasFailed = false
  #status: number | undefined

  constructor(options: ReturnedUnitOptions) {
    this.#options = options
    const { stream } = options
    this.from = stream.from
    if (stream.scopes.includes('console'))
      this.#lines = { stdout: this.#linesOf('stdout'), stderr: this.#linesOf('stderr') }
  }

  get isOver(): boolean {
    return this.#isOver
  }

  write(record: LogRecord, scope: InstrumentationScope): void {
    if (this.#isOver || (record.severityNumber || SEVERITY_INFO) < this.from || scope.name === RETURN_SCOPE.name) return
    const { stream, streams, redact, serviceName } = this.#options
    const { scopes } = stream
    if (!scopes.includes('logs:all') && !(scopes.includes('logs:public') && this.#isPublic(record, scope))) return
    streams.push(stream, 'log', returnedLine(record, { scope, scopes, serviceName: serviceName(), redact }))
  }

  text(stream: 'stdout' | 'stderr', chunk: string | Uint8Array, encoding: string | undefined): void {
    if (!this.#isOver) this.#lines?.[stream].write(chunk, encoding)
  }

  began(): void {
    this.#running++
  }

  ended(hasFailed: boolean): void {
    // A job that goes on after the answer: how it ends is how the call ends.
    if (hasFailed && this.#isAnswered) this.#hasFailed = true
    this.#running--
    this.#endSoon()
  }

  /** The call is answered. */
  answered(status: number | undefined, hasFailed: boolean): void {
    this.#isAnswered = true
    this.#status = status
    this.#hasFailed ||= hasFailed
    this.#running--
    this.#endSoon()
  }

  /** Its time is over, or that of the process. */
  stop(): void {
    if (this.#isOver) return
    this.#lines?.stdout.end()
    this.#lines?.stderr.end()
    this.#isOver = true
  }

  #endSoon(): void {
    if (this.#running > 0 || this.#isOver) return
    const { detached, lingerMillis } = this.#options
    detached(() =>
      startTimer(() => {
        if (this.#running > 0 || this.#isOver) return
        this.stop()
        const { streams, stream } = this.#options
        streams.end(stream, { status: this.#hasFailed ? 'error' : 'ok', httpStatus: this.#status })
      }, lingerMillis).unref(),
    )
  }

  #isPublic({ attributes }: LogRecord, { name }: InstrumentationScope): boolean {
    if (attributes[ATTR_VISIBILITY] === 'caller') return true
    return this.#options.publicLoggers.some((logger) => name === logger || isBelow(name, logger))
  }

  #linesOf(kind: 'stdout' | 'stderr'): ConsoleLines {
    const { stream, streams, hideText, now } = this.#options
    return new ConsoleLines(hideText, (text) => streams.push(stream, kind, JSON.stringify({ text, at: now() })))
  }
}

/** As prefixes of TRACELOG_LEVEL. */
function isBelow(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && '.:/'.includes(name[prefix.length] ?? ' ')
}
