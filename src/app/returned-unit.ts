/**
 * What a bound stream gets of its unit: which records, what of them, what is written to standard output, and when it is over.
 *
 * Over: the response is, and every task and unit within it, and LINGER has passed.
 */
import type { UnitReturn } from '../context/request-unit.ts'
import { startTimer } from '../diag/timers.ts'
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { ATTR_VISIBILITY, SCOPE_RETURN } from '../model/semconv.ts'
import { SEVERITY_INFO } from '../model/severity.ts'
import { ConsoleLines } from '../returning/console-lines.ts'
import type { StreamEnd } from '../returning/return-streams.ts'
import type { ReturnWay } from './return-way.ts'

export interface ReturnedUnitOptions {
  readonly way: ReturnWay
  readonly publicLoggers: readonly string[]
  readonly hideText: (text: string) => string
  /** Milliseconds. */
  readonly lingerMillis: number
  readonly detached: <T>(run: () => T) => T
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
    const { rights } = options.way
    this.from = rights.from
    if (rights.scopes.includes('console'))
      this.#lines = { stdout: this.#linesOf('stdout'), stderr: this.#linesOf('stderr') }
  }

  get isRelayed(): boolean {
    return this.#options.way.isRelayed
  }

  write(record: LogRecord, scope: InstrumentationScope): Attributes | undefined {
    if (this.#isOver || (record.severityNumber || SEVERITY_INFO) < this.from || scope.name === RETURN_SCOPE.name)
      return undefined
    const { way } = this.#options
    const { scopes } = way.rights
    if (!scopes.includes('logs:all') && !(scopes.includes('logs:public') && this.#isPublic(record, scope)))
      return undefined
    return way.log(record, scope)
  }

  text(stream: 'stdout' | 'stderr', chunk: string | Uint8Array, encoding: string | undefined): void {
    if (!this.#isOver) this.#lines?.[stream].write(chunk, encoding)
  }

  onward(): string | undefined {
    return this.#isOver ? undefined : this.#options.way.onward()
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

  /** How it would end now: what runs does not come to its end. */
  soFar(): StreamEnd {
    return { status: this.#running > 0 || this.#hasFailed ? 'error' : 'ok', httpStatus: this.#status }
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
        this.#options.way.end(this.soFar())
      }, lingerMillis).unref(),
    )
  }

  #isPublic({ attributes }: LogRecord, { name }: InstrumentationScope): boolean {
    if (attributes[ATTR_VISIBILITY] === 'caller') return true
    return this.#options.publicLoggers.some((logger) => name === logger || isBelow(name, logger))
  }

  #linesOf(kind: 'stdout' | 'stderr'): ConsoleLines {
    const { way, hideText } = this.#options
    return new ConsoleLines(hideText, (text) => way.text(kind, text))
  }
}

/** As prefixes of TRACELOG_LEVEL. */
function isBelow(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && '.:/'.includes(name[prefix.length] ?? ' ')
}
