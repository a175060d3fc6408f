/**
 * How do our headers get into a ClientRequest? Replaced, never appended, whatever form the application's headers had.
 *
 * Headers in array form (and `Expect`) are rendered in the constructor, before anyone is told of the request; then the
 * rendered text is edited. The application's own array is not touched.
 */
import type { ClientRequest } from 'node:http'

import { propagation, trace, type Context, type TextMapSetter } from '@opentelemetry/api'

import { mergeBaggage } from '../../context/baggage.ts'
import { BAGGAGE, DESTINATION, TRACEPARENT, type TracelogPropagator } from '../../context/propagation.ts'
import { taskNodeOf } from '../../context/current-task-node.ts'
import { unitOf } from '../../context/request-unit.ts'
import { formatTraceparent } from '../../model/trace-context.ts'
import type { PlainSpan } from '../hop/plain-span.ts'
import { carriedHeaders } from './inbound-context.ts'
import type { HeaderEdit } from './kept-grant.ts'

/** What of a request's inside is edited. */
interface RenderedRequest extends ClientRequest {
  /** Request line and headers as they will be sent, once they are rendered. */
  _header: string | null
}

const SETTER: TextMapSetter<ClientRequest> = {
  set(request, key, value) {
    const rendered = (request as RenderedRequest)._header
    if (rendered === null || rendered === undefined) {
      request.setHeader(key, key === BAGGAGE ? mergeBaggage(value, presentBaggage(request)) : value)
    } else (request as RenderedRequest)._header = withHeader(rendered, key, value)
  },
}

function presentBaggage(request: ClientRequest): string {
  const present = request.getHeader(BAGGAGE)
  return present === undefined ? '' : String(present)
}

/** Writes the context's trace and baggage into the request's headers. */
export function injectHeaders(
  request: ClientRequest,
  context: Context,
  { host, propagator }: { host: string; propagator: TracelogPropagator },
): void {
  // What a proxy forwards or an application sets is of another hop: state and parent belong together.
  if (propagator.mayPropagateTo(host) && trace.getSpanContext(context) !== undefined) {
    for (const name of propagator.staleFields) removeHeader(request, name)
  }
  propagation.inject(context.setValue(DESTINATION, host), request, SETTER)
}

/**
 * The same where nothing but `traceparent` can travel: no baggage, no state, no other propagator than the W3C's.
 *
 * @returns false: nothing was written
 */
export function injectTraceparent(
  request: ClientRequest,
  span: PlainSpan,
  { caller, host, propagator }: { caller: Context; host: string; propagator: TracelogPropagator },
): boolean {
  const { isW3c, hasTraceparent } = carriedHeaders()
  if (!isW3c || !hasTraceparent || propagation.getBaggage(caller) !== undefined) return false
  const unit = unitOf(caller)
  if (unit?.requestPath !== undefined || taskNodeOf(caller, unit) !== undefined) return false
  if (!propagator.mayPropagateTo(host)) return true
  const { ids, traceFlags } = span
  for (const name of propagator.staleFields) removeHeader(request, name)
  SETTER.set(request, TRACEPARENT, formatTraceparent({ traceId: ids.traceId, spanId: ids.spanId, flags: traceFlags }))
  return true
}

export const HEADER_EDIT: HeaderEdit<ClientRequest> = {
  values(request, name) {
    const rendered = (request as RenderedRequest)._header
    if (rendered === null || rendered === undefined) return [request.getHeader(name) ?? []].flat()
    const all = rendered.matchAll(new RegExp(String.raw`\r\n${name}:[ \t]*([^\r\n]*)`, 'gi'))
    return Array.from(all, ([, value = '']) => value.trimEnd())
  },
  remove: removeHeader,
  set: (request, name, value) => SETTER.set(request, name, value),
}

function removeHeader(request: ClientRequest, name: string): void {
  const rendered = (request as RenderedRequest)._header
  if (rendered === null || rendered === undefined) request.removeHeader(name)
  else (request as RenderedRequest)._header = withoutHeader(rendered, name)
}

function withoutHeader(rendered: string, name: string): string {
  return rendered.replace(new RegExp(String.raw`\r\n${name}:[^\r\n]*(?=\r\n)`, 'gi'), '')
}

/** The rendered headers with this one replaced; for `baggage`, merged. */
export function withHeader(rendered: string, name: string, value: string): string {
  let text = value
  if (name === BAGGAGE) {
    const present = /\r\nbaggage:[ \t]*([^\r\n]*)/i.exec(rendered)?.[1]
    text = mergeBaggage(value, present ?? '')
  }
  const without = withoutHeader(rendered, name)
  const end = without.lastIndexOf('\r\n\r\n')
  return end === -1 ? rendered : `${without.slice(0, end)}\r\n${name}: ${text}${without.slice(end)}`
}
