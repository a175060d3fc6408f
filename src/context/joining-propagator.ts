/**
 * One trace per request, though two SDKs look at it: who extracts the caller's trace from the headers of a request that has a span of
 * ours gets that span instead. So the other's span stands below ours, and not beside it in a trace of its own.
 */
import { trace, type TextMapPropagator } from '@opentelemetry/api'

import { currentUnit, withUnit } from './request-unit.ts'

/** The same propagator, which knows our requests. */
export function joined(propagator: TextMapPropagator): TextMapPropagator {
  return {
    fields: () => propagator.fields(),
    inject: (context, carrier, setter) => propagator.inject(context, carrier, setter),
    extract(context, carrier: unknown, getter) {
      const extracted = propagator.extract(context, carrier, getter)
      const unit = currentUnit()
      const request: { readonly headers?: unknown } | undefined = unit?.inbound
      const headers = request?.headers
      if (unit === undefined || headers === undefined || headers !== carrier) return extracted
      const { traceId, spanId, traceFlags } = unit
      return withUnit(trace.setSpanContext(extracted, { traceId, spanId, traceFlags }), unit)
    },
  }
}
