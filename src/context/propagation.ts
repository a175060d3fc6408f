/**
 * How does a trace travel? W3C Trace Context (level 2) and Baggage, and Zipkin's B3 where it is asked for (b3.ts), strictly: parse all or
 * drop, replace and never append.
 *
 * Who gets what is decided here: the trace goes where TRACELOG_PROPAGATE_TO allows, baggage and our own tracestate
 * member to trusted peers only. capture/ names the destination in the context; an application that injects by itself
 * (into a queue's message) names none and gets both headers without our own member.
 */
import {
  isSpanContextValid,
  propagation,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  type TraceState,
} from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { toMemberPath } from '../model/task-path.ts'
import { formatTraceparent, parseTraceparent } from '../model/trace-context.ts'
import { ALL_B3_FIELDS, B3_FIELDS, b3Headers, readB3, withDebug, type B3Name } from './b3.ts'
import { formatBaggage, parseBaggage } from './baggage.ts'
import { taskNodeOf } from './current-task-node.ts'
import { unitOf } from './request-unit.ts'
import { parseTraceState, readOwnMember, withoutOwnMember, withOwnParts } from './trace-state.ts'
import type { TrustedPeers } from './trusted-peers.ts'

/** The Context key under which capture/ names the host that an outgoing request goes to. */
export const DESTINATION: symbol = Symbol.for('org.tracelog.destination')

export const TRACEPARENT = 'traceparent'
export const TRACESTATE = 'tracestate'
export const BAGGAGE = 'baggage'

/** A propagator that we have. */
export type PropagatorName = 'tracecontext' | 'baggage' | B3Name

/** Where `traceparent` may go: everywhere, to trusted peers, or to these hosts. */
export type PropagateTo = 'all' | 'trusted' | TrustedPeers

export interface PropagatorOptions {
  /** Default: both. */
  readonly names?: readonly PropagatorName[]
  readonly trustedPeers: TrustedPeers
  /** Default `all`. */
  readonly propagateTo?: PropagateTo
}

/** A propagator that can be asked where it would write; capture/ asks before it removes what the application has set. */
export interface TracelogPropagator extends TextMapPropagator {
  /** Whether a trace of ours goes to this host. */
  mayPropagateTo(host: string): boolean
  /** Headers that are of another hop when a request has them already: those that belong to what is written and may be left out. */
  readonly staleFields: readonly string[]
}

export function createPropagator(options: PropagatorOptions): TracelogPropagator {
  const { names = ['tracecontext', 'baggage'], trustedPeers, propagateTo = 'all' } = options
  const hasTraceContext = names.includes('tracecontext')
  const hasBaggage = names.includes('baggage')
  const b3Names = B3_NAMES.filter((name) => names.includes(name))
  const hasTrace = hasTraceContext || b3Names.length > 0
  const fields = [...new Set(names.flatMap((name) => FIELDS[name]))]

  const isTrusted = (host: string | undefined) => host === undefined || trustedPeers.isTrusted(host)
  const mayPropagateTo = (host: string) => {
    if (propagateTo === 'all') return hasTrace
    return hasTrace && (propagateTo === 'trusted' ? trustedPeers : propagateTo).isTrusted(host)
  }

  return {
    mayPropagateTo,
    staleFields: [...(hasTraceContext ? [TRACESTATE] : []), ...(b3Names.length > 0 ? ALL_B3_FIELDS : [])],
    fields: () => fields,
    /** In the order of the names: of two callers the last one counts (the specification's composite propagator). */
    extract: (context, carrier, getter) =>
      names.reduce((found, name) => EXTRACTORS[name](found, carrier, getter as TextMapGetter<unknown>), context),
    inject(context, carrier, setter) {
      if (isTracingSuppressed(context)) return
      const host = context.getValue(DESTINATION) as string | undefined
      if (host === undefined || mayPropagateTo(host)) {
        const target = { carrier, setter, withOwnMember: host !== undefined && isTrusted(host) }
        if (hasTraceContext) injectTrace(context, target)
        for (const name of b3Names) injectB3(name, context, target)
      }
      if (hasBaggage && isTrusted(host)) injectBaggage(context, carrier, setter)
    },
  }
}

type Extractor = (context: Context, carrier: unknown, getter: TextMapGetter<unknown>) => Context

const B3_NAMES = ['b3', 'b3multi'] as const
const FIELDS: Readonly<Record<PropagatorName, readonly string[]>> = {
  tracecontext: [TRACEPARENT, TRACESTATE],
  baggage: [BAGGAGE],
  ...B3_FIELDS,
}
const EXTRACTORS: Readonly<Record<PropagatorName, Extractor>> = {
  tracecontext: extractTrace,
  baggage: extractBaggage,
  b3: extractB3,
  b3multi: extractB3,
}

function extractB3<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
  const parent = readB3((name) => {
    const header = read(carrier, getter, name)
    return header === undefined ? undefined : (single(header) ?? '')
  })
  if (parent === undefined) return context
  return trace.setSpanContext(parent.isDebug ? withDebug(context) : context, parent.spanContext)
}

function extractTrace<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
  const header = single(read(carrier, getter, TRACEPARENT))
  const parent = header === undefined ? undefined : parseTraceparent(header)
  if (parent === undefined) return context

  const state = read(carrier, getter, TRACESTATE)?.join(',')
  const traceState = typeof state === 'string' && state !== '' ? parseTraceState(state) : undefined
  const spanContext = { traceId: parent.traceId, spanId: parent.spanId, traceFlags: parent.flags, isRemote: true }
  return trace.setSpanContext(context, traceState === undefined ? spanContext : { ...spanContext, traceState })
}

/** Two headers of one name are as malformed as a folded one. */
function single(header: readonly string[] | undefined): string | undefined {
  return header?.length === 1 ? header[0] : undefined
}

/** A header as often as it is there; `undefined` where there is none. A carrier is the application's: it may hold anything. */
function read<Carrier>(carrier: Carrier, getter: TextMapGetter<Carrier>, name: string): readonly string[] | undefined {
  try {
    const header: unknown = getter.get(carrier, name)
    if (typeof header === 'string') return [header]
    return Array.isArray(header) ? header.filter((one) => typeof one === 'string') : undefined
  } catch {
    return undefined
  }
}

function extractBaggage<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
  const header = read(carrier, getter, BAGGAGE)?.join(',')
  const baggage = typeof header === 'string' && header !== '' ? parseBaggage(header) : undefined
  return baggage === undefined ? context : propagation.setBaggage(context, baggage)
}

interface Target<Carrier> {
  readonly carrier: Carrier
  readonly setter: TextMapSetter<Carrier>
  readonly withOwnMember: boolean
}

function injectB3<Carrier>(name: B3Name, context: Context, { carrier, setter }: Target<Carrier>): void {
  const spanContext = trace.getSpanContext(context)
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return
  for (const [key, value] of b3Headers(name, spanContext, context)) setter.set(carrier, key, value)
}

function injectTrace<Carrier>(context: Context, { carrier, setter, withOwnMember }: Target<Carrier>): void {
  const spanContext = trace.getSpanContext(context)
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return
  const { traceId, spanId, traceFlags } = spanContext
  setter.set(carrier, TRACEPARENT, formatTraceparent({ traceId, spanId, flags: traceFlags }))
  const state = withOwnMember ? ownState(context, spanContext.traceState) : withoutOwnMember(spanContext.traceState)
  const text = state?.serialize() ?? ''
  if (text !== '') setter.set(carrier, TRACESTATE, text)
}

/**
 * The state as trusted peers get it: this service's span stands in the request's path, a request that has failed says so, and what is
 * called takes the next number of the task or request that calls. Of our caller's path nothing goes on: two services would have one path.
 */
function ownState(context: Context, state: TraceState | undefined): TraceState | undefined {
  const unit = unitOf(context)
  const taskPath = toMemberPath(taskNodeOf(context, unit)?.next(true) ?? '')
  const requestPath = unit?.requestPath
  const isDumpAsked = unit?.recording?.isTainted === true
  const isAsReceived = taskPath === '' && requestPath === undefined && !isDumpAsked
  if (isAsReceived && (readOwnMember(state)?.taskPath ?? '') === '') return state
  return withOwnParts(state, { taskPath, ...(isDumpAsked && { isDumpAsked }), ...(requestPath && { requestPath }) })
}

function injectBaggage<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
  const baggage = propagation.getBaggage(context)
  const text = baggage === undefined ? '' : formatBaggage(baggage)
  if (text !== '') setter.set(carrier, BAGGAGE, text)
}
