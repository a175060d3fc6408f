/**
 * What is known of the request that this code runs for? One object per inbound request, carried in the Context under a
 * `Symbol.for` key, there whether or not the trace is sampled.
 */
import { context as contextApi, type Context } from '@opentelemetry/api'

import { monotonicMillis } from '../diag/clock.ts'
import type { Attributes } from '../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { ATTR_REQUEST_PATH, type Component } from '../model/semconv.ts'
import { SEVERITY_OFF } from '../model/severity.ts'
import { LinkedContext, SPAN_KEY, type SpanHolder } from './linked-context.ts'
import { settleCounts } from './late-counts.ts'
import { RollUp } from './roll-up.ts'
import type { SpanIds } from './span-ids.ts'
import type { TaskNode } from './task-node.ts'
import { UpstreamAttempts } from './upstream-attempts.ts'

/** The Context key under which the unit travels; the same in every copy of the package. */
export const REQUEST_UNIT: symbol = Symbol.for('org.tracelog.request-unit')

export interface RequestUnitOptions {
  readonly ids: SpanIds
  readonly traceFlags: number
  /** `''` for units that are no HTTP request. */
  readonly method: string
  /** Without query and fragment; `undefined` for units that are no HTTP request. */
  readonly path: string | undefined
  /** Of a unit that is no HTTP request: what its span is called. */
  readonly name?: string | undefined
  /** `performance.now()` at its start. */
  readonly startedMillis: number
  /** Whether the peer at the other end of the connection is in TRACELOG_TRUSTED_PEERS. */
  readonly isPeerTrusted: boolean
  /** TRACELOG_REQUEST_PATH: span ids of the server spans from the first service down to this one. Default: not kept. */
  readonly requestPath?: readonly string[] | undefined
  /** `Tracelog-Return`, where somebody reads it. */
  readonly grant?: string | undefined
}

/** Who sees the lines of a unit in another process, while it runs (app/returned-unit.ts). MUST NOT throw. */
export interface UnitReturn {
  /** From this severity up. */
  readonly from: number
  /** What is returned leaves with the process's own records, those that no level lets through as well. */
  readonly isRelayed: boolean
  /** @param record  not yet redacted. @returns what the record is to say of it; `undefined`: it is not returned */
  write(record: LogRecord, scope: InstrumentationScope): Attributes | undefined
  /** Written to standard output or error. */
  text(stream: 'stdout' | 'stderr', chunk: string | Uint8Array, encoding: string | undefined): void
  /** A task or a unit within it has begun, or one has ended: it is over when all have. */
  began(): void
  ended(hasFailed: boolean): void
  /** The grant for a service that is asked for it, good for one request; `undefined`: it gets none. */
  onward(): string | undefined
}

/** What a request's hop hears while it runs. */
export interface HopListener extends SpanHolder {
  recordThrown(error: unknown): void
  /** The request is one of ours: neither span nor record is written of it. */
  leaveUnseen?(): void
}

/** What the flight recorder keeps of a unit. */
export interface UnitRecording {
  /** A dump was asked for: what is logged from now on belongs to it. */
  readonly isTainted: boolean
}

/** How the flight recorder stands to a unit. `none`: not at all; `passed`: over the budget, nothing is kept; `closed`: it is over. */
export type RecorderState = 'none' | 'kept' | 'passed' | 'closed'

/** How a unit ended. */
export interface UnitEnd {
  /** How long it took, on the monotonic clock. */
  readonly millis: number
  /** `undefined`: it is no HTTP request, or no status line was sent. */
  readonly status: number | undefined
  /** The client was gone first. */
  readonly isAborted: boolean
  /** `error.type` of what failed. */
  readonly errorType: string | undefined
  /** The span of a unit that is no HTTP request ended with an error. Default false. */
  readonly hasFailed?: boolean
}

/** Who is told when units begin and end. MUST NOT throw. */
export interface UnitEnds {
  /** @param grant  `Tracelog-Return`, where somebody reads it */
  onBegin(unit: RequestUnit, grant?: string): void
  /** It is none that anybody wants to know of. */
  onUnseen?(unit: RequestUnit): void
  /** Before the unit's completion record is written. */
  onEnd(unit: RequestUnit, end: UnitEnd): void
  /** A trusted service wants what is kept of the unit. @param isAtBegin  it has failed before it asked us for anything */
  onDumpAsked(unit: RequestUnit, isAtBegin: boolean): void
  /** A task of the unit ends with an error; its record comes next. @param errorType  of what failed */
  onTaskFailed(unit: RequestUnit, errorType: string): void
  /** Whether the one who asked us is to want it too. @param status  about to be sent */
  asksForDump(unit: RequestUnit, status: number): boolean
}

/** The current request, or whatever else is one piece of work. Mutable: capture/ writes into it what it sees. */
export class RequestUnit {
  readonly ids: SpanIds
  readonly traceFlags: number
  readonly method: string
  readonly path: string | undefined
  readonly name: string | undefined
  readonly startedMillis: number
  readonly isPeerTrusted: boolean
  /** What travels on; `undefined`: not kept. */
  readonly requestPath: readonly string[] | undefined
  /** `http.route`, as soon as the framework knows it. */
  route: string | undefined
  component: Component = 'http_server'
  /** Written by caches and databases, and by what a trusted upstream says of its own cache. */
  #rollUp: RollUp | undefined
  /** Written by outgoing requests. */
  #upstreams: UpstreamAttempts | undefined
  /** Where it stands in a tree of tasks: the number that its caller gave it, or what counts its own subtasks. */
  taskNode: TaskNode | undefined
  /** On every record of the request: the request's path, and what `requestFields()` added. */
  fields: Attributes | undefined
  /** The unhandled error that ended this request. */
  thrown: unknown = undefined
  hasThrown = false
  /** With what its framework answers where something went wrong; counts if the answer is a 5xx. */
  failure: unknown = undefined
  /** The failure stands in the answer, whose status does not tell. */
  hasFailedPart = false
  hasEnded = false
  /** A package that forwards requests has taken this one. */
  isForwarded = false
  /** From which severity up the recorder wants the lines of this unit that no level lets through; 25: it does not. */
  recorderFrom: number = SEVERITY_OFF
  /** What its caller has shown to see its lines: for this service alone, and no other is to get it. */
  readonly grant: string | undefined
  /** Whose lines it returns to its caller. */
  returning: UnitReturn | undefined
  recorderState: RecorderState = 'none'
  /** Made by the first record that is kept. */
  recording: UnitRecording | undefined
  /** `performance.now()` at its end, for the recorder; `0`: it runs. */
  endedMillis = 0
  /** The library's own request object while the request runs; not kept beyond. A field: a WeakMap cost 1 us per request. */
  inbound: object | undefined
  /** Who is told; `undefined` when the request is over. */
  hop: HopListener | undefined

  constructor(options: RequestUnitOptions) {
    this.ids = options.ids
    this.traceFlags = options.traceFlags
    this.method = options.method
    this.path = options.path
    this.name = options.name
    this.startedMillis = options.startedMillis
    this.isPeerTrusted = options.isPeerTrusted
    this.requestPath = options.requestPath
    this.grant = options.grant
    this.fields = this.requestPath && { [ATTR_REQUEST_PATH]: this.requestPath.join(':') }
  }

  /** From which severity up anybody wants the lines that no level lets through: the lowest of those who do; 25: nobody does. */
  get captureFrom(): number {
    return this.returning === undefined ? this.recorderFrom : Math.min(this.recorderFrom, this.returning.from)
  }

  /** To count into. */
  get rollUp(): RollUp {
    return (this.#rollUp ??= new RollUp())
  }

  /** To read from; `undefined`: nothing was counted. */
  get rolledUp(): RollUp | undefined {
    settleCounts()
    return this.#rollUp
  }

  get upstreams(): UpstreamAttempts {
    return (this.#upstreams ??= new UpstreamAttempts())
  }

  /** False: nobody was asked. */
  get hasUpstreams(): boolean {
    return this.#upstreams !== undefined
  }

  get traceId(): string {
    return this.ids.traceId
  }

  get spanId(): string {
    return this.ids.spanId
  }

  /** Milliseconds since the request's start. */
  elapsedMillis(): number {
    return monotonicMillis() - this.startedMillis
  }

  /** The request is over: what was only needed for its end is not kept, for contexts may live on (timers, sockets). */
  forget(): void {
    this.#upstreams?.forget()
    this.thrown = undefined
    this.failure = undefined
    this.inbound = undefined
  }

  addFields(fields: Attributes): void {
    this.fields = { ...this.fields, ...fields }
  }
}

/** The unit of a context, or that of its span; `undefined` outside of both. */
export function unitOf(context: Context): RequestUnit | undefined {
  return (context.getValue(REQUEST_UNIT) as RequestUnit | undefined) ?? unitOfSpanIn(context)
}

/** Units of messages that are consumed: the application or a library starts their spans by itself, and puts them into contexts of its own. */
const unitBySpan = new WeakMap<object, RequestUnit>()
/** Nobody looks before there is one: a process without such spans pays nothing. */
let hasSpanUnits = false

/** From now on the unit is that of the span, wherever it is active. Children of the span are to get it too. */
export function hangUnit(span: object, unit: RequestUnit): void {
  hasSpanUnits = true
  unitBySpan.set(span, unit)
}

export function unitOfSpan(span: object): RequestUnit | undefined {
  return hasSpanUnits ? unitBySpan.get(span) : undefined
}

/** The unit of the context's span. */
export function unitOfSpanIn(context: Context): RequestUnit | undefined {
  if (!hasSpanUnits) return undefined
  const span = context.getValue(SPAN_KEY)
  return typeof span === 'object' && span !== null ? unitBySpan.get(span) : undefined
}

/** The unit of the active context. */
export function currentUnit(): RequestUnit | undefined {
  return unitOf(contextApi.active())
}

/** The context of a request whose unit has its span: one link for both, for nearly all contexts of a busy server are such ones. */
export function withHop(context: Context, hop: RequestUnit & SpanHolder): Context {
  return LinkedContext.over(context, REQUEST_UNIT, hop, hop)
}

/** The unit whose span is active in this very context, which is not asked for: it need not be an object. */
export function hopOf(context: Context): RequestUnit | undefined {
  const holder = context instanceof LinkedContext ? context.holder : undefined
  return holder instanceof RequestUnit ? holder : undefined
}

export function withUnit(context: Context, unit: RequestUnit): Context {
  return context.setValue(REQUEST_UNIT, unit)
}
