/**
 * Which context does a request bring along? The caller's trace and baggage, as far as the caller may tell us.
 */
import type { IncomingHttpHeaders } from 'node:http'

import { propagation, ROOT_CONTEXT, trace, type Context, type TextMapGetter } from '@opentelemetry/api'

import { BAGGAGE, TRACEPARENT, TRACESTATE } from '../../context/propagation.ts'
import { OWN_MEMBER, withoutOwnMember } from '../../context/trace-state.ts'
import { QUIET, type HopOptions } from '../hop/hop-options.ts'
import { withQuietGrant } from './kept-grant.ts'

/** Node has joined repeated headers already; a folded `traceparent` is for the parser to refuse. */
const HEADER_GETTER: TextMapGetter<IncomingHttpHeaders> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, key) => headers[key],
}

/** The context of the caller: its trace, its baggage. Our own member counts from trusted peers only. */
export function extractContext(headers: IncomingHttpHeaders, isPeerTrusted: boolean): Context {
  const { traceparent, baggage } = headers
  // Other propagators read other headers; ours of the W3C have nothing to read without these.
  if (traceparent === undefined && baggage === undefined && carriedHeaders().isW3c) return ROOT_CONTEXT
  const context = propagation.extract(ROOT_CONTEXT, headers, HEADER_GETTER)
  return isPeerTrusted ? context : dropOwnMember(context)
}

/** What the propagators of this process read. */
export interface CarriedHeaders {
  /** `traceparent`, `tracestate` and `baggage`, no others. */
  readonly isW3c: boolean
  readonly hasTraceparent: boolean
}

let lastFields: readonly string[] | undefined
let lastCarried: CarriedHeaders = { isW3c: false, hasTraceparent: false }

export function carriedHeaders(): CarriedHeaders {
  const fields = propagation.fields()
  // Ours give the same list each time.
  if (fields !== lastFields) {
    lastCarried = { isW3c: fields.every(isOfW3c), hasTraceparent: fields.includes(TRACEPARENT) }
    lastFields = fields
  }
  return lastCarried
}

function isOfW3c(field: string): boolean {
  return field === TRACEPARENT || field === TRACESTATE || field === BAGGAGE
}

/** The context, its span context without our own tracestate member. */
export function dropOwnMember(context: Context): Context {
  const caller = trace.getSpanContext(context)
  if (caller?.traceState?.get(OWN_MEMBER) === undefined) return context
  const { traceState, ...rest } = caller
  const others = withoutOwnMember(traceState)
  return trace.setSpanContext(context, others === undefined ? rest : { ...rest, traceState: others })
}

/** The context of a request that leaves nothing behind: the caller's trace goes on, nothing is recorded. */
export function quietContext(headers: IncomingHttpHeaders, options: HopOptions): Context {
  return withQuietGrant(extractContext(headers, false).setValue(QUIET, true), headers, options)
}
