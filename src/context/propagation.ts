/**
 * How does a trace travel? W3C Trace Context (level 2) and Baggage, strictly: parse all or drop, replace and never append.
 *
 * Who gets what is decided here: `traceparent` goes where TRACELOG_PROPAGATE_TO allows, baggage and our own tracestate
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

import { formatTraceparent, parseTraceparent } from '../model/trace-context.ts'
import { formatBaggage, parseBaggage } from './baggage.ts'
import { unitOf } from './request-unit.ts'
import { parseTraceState, withoutOwnMember, withRequestPath } from './trace-state.ts'
import type { TrustedPeers } from './trusted-peers.ts'

/** The Context key under which capture/ names the host that an outgoing request goes to. */
export const DESTINATION: symbol = Symbol.for('org.tracelog.destination')

export const TRACEPARENT = 'traceparent'
export const TRACESTATE = 'tracestate'
export const BAGGAGE = 'baggage'

/** A propagator that we have. */
export type PropagatorName = 'tracecontext' | 'baggage'

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
  /** Whether a `traceparent` of ours goes to this host. */
  mayPropagateTo(host: string): boolean
}

export function createPropagator(options: PropagatorOptions): TracelogPropagator {
  const { names = ['tracecontext', 'baggage'], trustedPeers, propagateTo = 'all' } = options
  const hasTraceContext = names.includes('tracecontext')
  const hasBaggage = names.includes('baggage')

  const isTrusted = (host: string | undefined) => host === undefined || trustedPeers.isTrusted(host)
  const mayPropagateTo = (host: string) => {
    if (propagateTo === 'all') return hasTraceContext
    return hasTraceContext && (propagateTo === 'trusted' ? trustedPeers : propagateTo).isTrusted(host)
  }

  return {
    mayPropagateTo,
    fields: () => [...(hasTraceContext ? [TRACEPARENT, TRACESTATE] : []), ...(hasBaggage ? [BAGGAGE] : [])],
    extract(context, carrier, getter) {
      const traced = hasTraceContext ? extractTrace(context, carrier, getter) : context
      return hasBaggage ? extractBaggage(traced, carrier, getter) : traced
    },
    inject(context, carrier, setter) {
      if (isTracingSuppressed(context)) return
      const host = context.getValue(DESTINATION) as string | undefined
      if (hasTraceContext && (host === undefined || mayPropagateTo(host))) {
        injectTrace(context, { carrier, setter, withOwnMember: host !== undefined && isTrusted(host) })
      }
      if (hasBaggage && isTrusted(host)) injectBaggage(context, carrier, setter)
    },
  }
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

function injectTrace<Carrier>(context: Context, { carrier, setter, withOwnMember }: Target<Carrier>): void {
  const spanContext = trace.getSpanContext(context)
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return
  const { traceId, spanId, traceFlags } = spanContext
  setter.set(carrier, TRACEPARENT, formatTraceparent({ traceId, spanId, flags: traceFlags }))
  const state = withOwnMember ? ownState(context, spanContext.traceState) : withoutOwnMember(spanContext.traceState)
  const text = state?.serialize() ?? ''
  if (text !== '') setter.set(carrier, TRACESTATE, text)
}

/** The state as trusted peers get it: this service's span stands in the request's path. */
function ownState(context: Context, state: TraceState | undefined): TraceState | undefined {
  const requestPath = unitOf(context)?.requestPath
  return requestPath === undefined ? state : withRequestPath(state, requestPath)
}

function injectBaggage<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
  const baggage = propagation.getBaggage(context)
  const text = baggage === undefined ? '' : formatBaggage(baggage)
  if (text !== '') setter.set(carrier, BAGGAGE, text)
}
