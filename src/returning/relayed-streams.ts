/**
 * Streams that the backend feeds from what services send it: each record says which stream it is for (spec: return, 7).
 *
 * Every unit that a call reaches says when it begins and when it is over; the call is over when the first of them is, none of the others
 * runs, and nothing more has come for a moment: who was called late may not have said so yet.
 */
import type { AnyValue } from '../model/any-value.ts'
import type { LogRecord } from '../model/log-record.ts'
import type { ResourceLogs } from '../model/otlp-data.ts'
import * as key from '../model/semconv.ts'
import { SEVERITY_INFO } from '../model/severity.ts'
import { formatTimestamp } from '../model/time.ts'
import { isSignedMark, streamOfMark } from './return-grant.ts'
import { MAX_EVENTS } from './return-stream.ts'
import type { OpenStream, ReturnStreams, StreamEnd } from './return-streams.ts'
import { returnedLine } from './returned-line.ts'

export interface RelayedStreamsOptions {
  readonly streams: ReturnStreams
  /** Those of the services. */
  readonly keys: readonly string[]
  readonly nowMillis: () => number
  /** Hides what is secret, whatever the service has done. */
  readonly redact: (record: LogRecord) => LogRecord
}

/** Two batches of a service that exports slowly. Milliseconds. */
const QUIET_MILLIS = 1_000
/** Of one call, at once; more are not waited for. */
const MAX_UNITS = 1_000
/** Records of one stream whose numbers are remembered: a batch whose answer was lost comes again. */
const MAX_SEEN = 4_000
/** Of a service, as it is told; of what is remembered, each part. Characters. */
const MAX_NAME = 256

/** A call that services work for. */
interface RelayedCall {
  readonly units: Set<string>
  /** Two requests of a service may overtake each other. */
  readonly over: Set<string>
  readonly seen: Set<string>
  /** How the service that the caller has called has ended. */
  end: StreamEnd | undefined
  heardMillis: number
}

/** A record on its way, with who sent it. */
interface Arrived {
  readonly record: LogRecord
  readonly scope: ResourceLogs['scopes'][number]['scope']
  readonly resource: ResourceLogs['resource']
}

export class RelayedStreams {
  readonly #options: RelayedStreamsOptions
  readonly #calls = new WeakMap<OpenStream, RelayedCall>()
  /** Those that services have answered. */
  readonly #bound = new Set<OpenStream>()

  constructor(options: RelayedStreamsOptions) {
    this.#options = options
  }

  /** What one request has brought. */
  take(request: readonly ResourceLogs[]): void {
    for (const [stream, arrived] of this.#byStream(request)) this.#feed(stream, arrived)
  }

  /** Ends the calls that are over. @returns whether there are streams left */
  sweep(): boolean {
    const now = this.#options.nowMillis()
    for (const stream of this.#bound) {
      const { units, end, heardMillis } = this.#callOf(stream)
      if (units.size === 0 && end !== undefined && now - heardMillis >= QUIET_MILLIS)
        this.#options.streams.end(stream, end)
      if (stream.state === 'ended') this.#bound.delete(stream)
    }
    return this.#options.streams.sweep()
  }

  #byStream(request: readonly ResourceLogs[]): Map<OpenStream, Arrived[]> {
    const found = new Map<OpenStream, Arrived[]>()
    const signed = new Map<string, boolean>()
    for (const { resource, scopes } of request)
      for (const { scope, records } of scopes)
        for (const record of records) {
          const mark = record.attributes[key.ATTR_RETURN_STREAM]
          const stream = this.#streamOf(mark, signed)
          if (stream === undefined || stream.state === 'ended') continue
          const arrived = { record, scope, resource }
          if (!this.#isNew(stream, arrived)) continue
          const others = found.get(stream)
          if (others === undefined) found.set(stream, [arrived])
          else others.push(arrived)
        }
    return found
  }

  /** @param signed  what is known of the marks of one request: each is looked at once */
  #streamOf(mark: AnyValue | undefined, signed: Map<string, boolean>): OpenStream | undefined {
    const id = streamOfMark(mark)
    const stream = id === undefined ? undefined : this.#options.streams.find(id)
    if (stream === undefined || typeof mark !== 'string') return undefined
    const isSigned = signed.get(mark) ?? isSignedMark(mark, this.#options.keys)
    signed.set(mark, isSigned)
    return isSigned ? stream : undefined
  }

  #feed(stream: OpenStream, arrived: readonly Arrived[]): void {
    if (stream.state === 'open') this.#options.streams.bind(stream.id, stream.sub)
    this.#bound.add(stream)
    this.#callOf(stream).heardMillis = this.#options.nowMillis()
    const shown = arrived.filter((one) => !this.#takeNews(stream, one) && isFor(stream, one))
    // Nobody reads between two of them: what does not fit is not even looked at.
    const surplus = Math.max(0, shown.length - MAX_EVENTS)
    if (surplus > 0) stream.ring.skip(surplus)
    for (const one of shown.slice(surplus)) this.#tell(stream, one)
  }

  /** @returns whether it is about a unit, and no line */
  #takeNews(stream: OpenStream, { record, scope, resource }: Arrived): boolean {
    const { eventName, attributes } = record
    if (scope.name !== key.SCOPE_RETURN || eventName === key.EVENT_RETURN_OUTPUT) return false
    const call = this.#callOf(stream)
    const unit = nameOf(resource.attributes[key.ATTR_SERVICE_INSTANCE_ID], attributes[key.ATTR_RETURN_UNIT])
    const isFresh = call.units.size < MAX_UNITS && !call.over.has(unit)
    if (eventName === key.EVENT_RETURN_BOUND && isFresh) call.units.add(unit)
    if (eventName === key.EVENT_RETURN_OVER) {
      call.units.delete(unit)
      if (call.over.size < MAX_UNITS) call.over.add(unit)
      if (attributes[key.ATTR_RETURN_HOP] === 0) call.end = endOf(record)
    }
    return true
  }

  #tell(stream: OpenStream, { record, scope, resource }: Arrived): void {
    const { streams, redact } = this.#options
    if (record.eventName === key.EVENT_RETURN_OUTPUT && scope.name === key.SCOPE_RETURN) {
      const text = redact(record).body
      const kind = record.attributes[key.ATTR_LOG_IOSTREAM] === 'stderr' ? 'stderr' : 'stdout'
      const at = formatTimestamp(record.timeUnixNano)
      streams.push(stream, kind, JSON.stringify({ text: typeof text === 'string' ? text : '', at }))
      return
    }
    const serviceName = nameOf(resource.attributes[key.ATTR_SERVICE_NAME])
    streams.push(stream, 'log', returnedLine(record, { scope, scopes: stream.scopes, serviceName, redact }))
  }

  /** A record's number is that of its process and thread alone. What has none is told as often as it comes. */
  #isNew(stream: OpenStream, { record: { attributes }, resource }: Arrived): boolean {
    const number = attributes[key.ATTR_SEQ]
    if (number === undefined) return true
    const { seen } = this.#callOf(stream)
    const name = nameOf(resource.attributes[key.ATTR_SERVICE_INSTANCE_ID], attributes[key.ATTR_THREAD_ID], number)
    if (seen.has(name)) return false
    seen.add(name)
    const [oldest] = seen
    if (seen.size > MAX_SEEN && oldest !== undefined) seen.delete(oldest)
    return true
  }

  #callOf(stream: OpenStream): RelayedCall {
    let call = this.#calls.get(stream)
    if (call === undefined) {
      call = { units: new Set(), over: new Set(), seen: new Set(), end: undefined, heardMillis: 0 }
      this.#calls.set(stream, call)
    }
    return call
  }
}

/** What is remembered is short, whatever a service calls itself. */
function nameOf(...values: readonly (AnyValue | undefined)[]): string {
  const texts = values.map((value) => (typeof value === 'object' ? '' : String(value ?? '').slice(0, MAX_NAME)))
  return texts.join(' ')
}

/** The service has judged it already; what it may not say counts here all the same. */
function isFor({ from, scopes }: OpenStream, { record, scope }: Arrived): boolean {
  if (scope.name === key.SCOPE_RETURN) return scopes.includes('console')
  const isSeen = scopes.includes('logs:all') || scopes.includes('logs:public')
  return isSeen && (record.severityNumber || SEVERITY_INFO) >= from
}

function endOf({ attributes }: LogRecord): StreamEnd {
  const httpStatus = attributes[key.ATTR_HTTP_RESPONSE_STATUS_CODE]
  return {
    status: attributes[key.ATTR_RETURN_STATUS] === 'error' ? 'error' : 'ok',
    httpStatus: typeof httpStatus === 'number' ? httpStatus : undefined,
  }
}
