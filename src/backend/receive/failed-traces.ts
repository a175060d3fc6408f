/**
 * Which traces have failed, by what their records say? A dump's header of the flight recorder, or a completion record of ERROR and above.
 *
 * Walks the request once and makes no object but for what it finds. A service that had too many dumps at once says so in its header
 * (`tracelog.dump.suppressed`): its trace is not wanted for that.
 */
import { OtlpDecodeError } from '../../model/otlp-data.ts'
import { KEY_VALUE, LOG_RECORD, REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'
import { ATTR_DUMP_SUPPRESSED, EVENT_RECORDER_DUMP, SERVED_EVENTS } from '../../model/semconv.ts'
import { SEVERITY_ERROR } from '../../model/severity.ts'

export interface FailedTraces {
  /** By a dump's header. */
  readonly dumped: ReadonlySet<string>
  /** By a completion record. */
  readonly failed: ReadonlySet<string>
  /** Too many dumps at once. */
  readonly suppressed: ReadonlySet<string>
}

const SERVED: ReadonlySet<string> = new Set(SERVED_EVENTS)

/** @param bytes  an ExportLogsServiceRequest that was checked */
export function failedTraces(bytes: Uint8Array): FailedTraces {
  const walk = new Walk(bytes)
  try {
    walk.request()
  } catch (error) {
    // What is stored is the same bytes: who reads them there counts them as corrupt.
    if (!(error instanceof OtlpDecodeError)) throw error
  }
  return walk
}

class Walk implements FailedTraces {
  readonly dumped = new Set<string>()
  readonly failed = new Set<string>()
  readonly suppressed = new Set<string>()
  readonly #reader: ProtoReader

  constructor(bytes: Uint8Array) {
    this.#reader = new ProtoReader(bytes)
  }

  request(): void {
    this.#each(REQUEST.resources, () =>
      this.#each(RESOURCE_ITEMS.scopes, () => this.#each(SCOPE_ITEMS.items, () => this.#record())),
    )
  }

  /** Every embedded message of the message at hand with this tag. */
  #each(wanted: number, visit: () => void): void {
    const reader = this.#reader
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag !== wanted) reader.skip(tag)
      else {
        const outer = reader.enter()
        visit()
        reader.leave(outer)
      }
    }
  }

  #record(): void {
    const reader = this.#reader
    const start = reader.pos
    let severityNumber = 0
    let eventName = ''
    let idAt = 0
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === LOG_RECORD.severityNumber) severityNumber = reader.varint()
      else if (tag === LOG_RECORD.eventName) eventName = reader.key()
      else {
        if (tag === LOG_RECORD.traceId) idAt = reader.pos
        reader.skip(tag)
      }
    }
    if (eventName === '' || idAt === 0) return
    if (eventName === EVENT_RECORDER_DUMP) {
      const into = this.#isSuppressed(start) ? this.suppressed : this.dumped
      this.#add(into, idAt)
    } else if (severityNumber >= SEVERITY_ERROR && SERVED.has(eventName)) this.#add(this.failed, idAt)
  }

  #add(traceIds: Set<string>, idAt: number): void {
    const reader = this.#reader
    reader.pos = idAt
    const traceId = reader.id(16)
    if (traceId !== '') traceIds.add(traceId)
  }

  /** The attribute is there only where it is true. */
  #isSuppressed(start: number): boolean {
    const reader = this.#reader
    let isSuppressed = false
    reader.pos = start
    this.#each(LOG_RECORD.attributes, () => {
      for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
        if (tag === KEY_VALUE.key) isSuppressed ||= reader.key() === ATTR_DUMP_SUPPRESSED
        else reader.skip(tag)
      }
    })
    return isSuppressed
  }
}
