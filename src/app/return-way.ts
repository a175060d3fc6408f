/**
 * Where the lines of a bound unit go: into a stream of this process, or, with the records of this process, to the backend that has it.
 */
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { ATTR_RETURN_SENT } from '../model/semconv.ts'
import type { OpenStream, ReturnStreams, StreamEnd, StreamRights } from '../returning/return-streams.ts'
import { returnedLine } from '../returning/returned-line.ts'

export interface ReturnWay {
  readonly rights: StreamRights
  /** Lines leave with the process's records, those that no level lets through as well. */
  readonly isRelayed: boolean
  /** Is told when its time is over: whoever feeds it stops. */
  onExpired: (() => void) | undefined
  /** How the call would end now. */
  soFar?: (() => StreamEnd) | undefined
  /** @returns what the record says of it */
  log(record: LogRecord, scope: InstrumentationScope): Attributes
  /** A line that was printed; secrets are hidden. */
  text(kind: 'stdout' | 'stderr', text: string): void
  end(end: StreamEnd): void
  /** It was no call of the application: another one may have the stream. */
  unbind(): void
  /** What the next service is shown, for one call; `undefined`: nothing. */
  onward(): string | undefined
}

export interface DirectWayOptions {
  readonly streams: ReturnStreams
  readonly serviceName: () => string
  /** Always, whatever TRACELOG_REDACT says. */
  readonly redact: (record: LogRecord) => LogRecord
  /** RFC 3339, now. */
  readonly now: () => string
}

const SENT: Attributes = { [ATTR_RETURN_SENT]: true }

export class DirectWay implements ReturnWay {
  readonly isRelayed = false
  readonly rights: OpenStream
  readonly #options: DirectWayOptions

  constructor(stream: OpenStream, options: DirectWayOptions) {
    this.rights = stream
    this.#options = options
  }

  set onExpired(stop: (() => void) | undefined) {
    this.rights.onExpired = stop
  }

  get onExpired(): (() => void) | undefined {
    return this.rights.onExpired
  }

  log(record: LogRecord, scope: InstrumentationScope): Attributes {
    const { streams, serviceName, redact } = this.#options
    const { scopes } = this.rights
    streams.push(this.rights, 'log', returnedLine(record, { scope, scopes, serviceName: serviceName(), redact }))
    return SENT
  }

  text(kind: 'stdout' | 'stderr', text: string): void {
    const { streams, now } = this.#options
    streams.push(this.rights, kind, JSON.stringify({ text, at: now() }))
  }

  end(end: StreamEnd): void {
    this.#options.streams.end(this.rights, end)
  }

  unbind(): void {
    if (this.rights.state === 'bound') this.rights.state = 'open'
  }

  /** A stream of this process has the lines of this process alone. */
  onward(): undefined {
    return undefined
  }
}
