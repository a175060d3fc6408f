/**
 * A server hop that is written by a template at its end: nothing of its span is an object unless somebody asks.
 *
 * Asked for the span, it gives one that knows its ids; touched, or where the end is not a plain one (aborted, failed, 5xx), the span
 * becomes what recorded-hop.ts has from the start.
 */
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api'

import type { RequestUnitOptions } from '../../context/request-unit.ts'
import { monotonicMillis, type ClockAnchor } from '../../diag/clock.ts'
import { ATTR_NETWORK_PEER_PORT, ATTR_URL_PATH, ATTR_URL_QUERY } from '../../model/semconv.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { SEVERITY_INFO } from '../../model/severity.ts'
import type { RecordingSpan } from '../../record/recording-span.ts'
import { UntouchedSpan, type SpanOrigin } from '../../record/untouched-span.ts'
import { HTTP_SCOPE } from '../hop/hop-options.ts'
import { emitCompletion, triedUpstreams } from './completion-record.ts'
import type { HopTemplate, HopTemplates } from './hop-template.ts'
import { writeCompletion, writeServerSpan, type WrittenHop, type WrittenUpstream } from './hop-writers.ts'
import { addMethod } from './http-method.ts'
import type { PeerBlock } from './peer-block.ts'
import { ServerHop, type ResponseEnd } from './server-hop.ts'
import { serverSpanName } from './server-span.ts'

export interface PlainHopBegin extends RequestUnitOptions {
  readonly anchor: ClockAnchor
  readonly query: string | undefined
  readonly peer: PeerBlock
  readonly peerPort: number | undefined
  /** Of the caller; `''` where the trace begins here. */
  readonly parentSpanId: string
}

/** A name of an upstream up to this length is never cut. Characters. */
const MAX_NAME = 512

export class PlainHop extends ServerHop implements SpanOrigin {
  readonly #templates: HopTemplates
  readonly #anchor: ClockAnchor
  readonly #peer: PeerBlock
  readonly #peerPort: number | undefined
  readonly #parentSpanId: string
  #query: string | undefined
  #span: UntouchedSpan | undefined = undefined
  /** `0`: the span has not been written yet. */
  #endedMillis = 0

  constructor(templates: HopTemplates, begin: PlainHopBegin) {
    super(templates.options, begin, ROOT_CONTEXT)
    this.#templates = templates
    this.#anchor = begin.anchor
    this.#peer = begin.peer
    this.#peerPort = begin.peerPort
    this.#parentSpanId = begin.parentSpanId
    this.#query = begin.query
  }

  get span(): UntouchedSpan {
    return (this.#span ??= new UntouchedSpan(this))
  }

  record(): RecordingSpan {
    const { traceId, spanId, traceFlags, method, route } = this
    const hasEnded = this.#endedMillis !== 0
    const parentSpanId = this.#parentSpanId
    const span = this.options.tracer.resumeHopSpan({
      name: serverSpanName(method, hasEnded ? route : undefined),
      kind: SpanKind.SERVER,
      spanContext: { traceId, spanId, traceFlags },
      parent: parentSpanId === '' ? undefined : { traceId, spanId: parentSpanId, traceFlags, isRemote: true },
      startTimeUnixNano: this.#anchor.unixNano(this.startedMillis),
      attributes: hasEnded ? {} : this.#attributes(),
    })
    if (hasEnded) {
      // As one that was written down, and forgot what it said.
      span.ended = true
      span.endTimeUnixNano = this.#anchor.unixNano(this.#endedMillis)
    }
    return span
  }

  #attributes(): Record<string, AnyValue> {
    const attributes: Record<string, AnyValue> = { ...this.#peer.attributes }
    addMethod(attributes, this.method)
    attributes[ATTR_URL_PATH] = this.path ?? ''
    if (this.#query !== undefined) attributes[ATTR_URL_QUERY] = this.#query
    if (this.#peerPort !== undefined) attributes[ATTR_NETWORK_PEER_PORT] = this.#peerPort
    return attributes
  }

  protected leave(end: ResponseEnd): void {
    const written = this.#writtenHop(end)
    const { sink, spanKind } = this.#templates
    if (written === undefined || !sink.append(spanKind, written, writeServerSpan)) {
      this.leaveRecorded(this.span.touch(), end, this.#peer.client)
    } else {
      this.#endedMillis = written.endedMillis
      this.#tellEnd(written)
      this.#leaveRecord(written)
    }
    this.#query = undefined
  }

  /** @returns `undefined`: the general way, because something is to be said that no template says */
  #writtenHop({ status, isComplete }: ResponseEnd): WrittenHop | undefined {
    if (!isComplete || status === undefined || status >= 500 || this.hasThrown || this.hasFailedPart) return undefined
    if (this.#span?.touched !== undefined || !this.#templates.takes()) return undefined
    const endedMillis = monotonicMillis()
    const { sink } = this.#templates
    // The system's time was set meanwhile: two anchors in one span are for the general way.
    if (sink.clock.anchorAt(endedMillis) !== this.#anchor) return undefined
    const template = this.#templates.of(this, status)
    return template === undefined ? undefined : this.#hidden(template, status, endedMillis)
  }

  #hidden(template: HopTemplate, status: number, endedMillis: number): WrittenHop | undefined {
    const { redaction } = this.#templates.sink
    const query = this.#query
    const { path = '', method } = this
    if (path.length > redaction.maxText || (query !== undefined && query.length > redaction.maxText)) return undefined
    const body = `${method} ${path} ${status}`
    const isClean = redaction.isClean(body)
    return {
      unit: this,
      template,
      peer: this.#peer,
      peerPort: this.#peerPort,
      parentSpanId: this.#parentSpanId,
      anchor: this.#anchor,
      endedMillis,
      path: isClean ? path : redaction.text(path),
      query: query === undefined ? undefined : redaction.query(query),
      body: isClean ? body : redaction.text(body),
      upstream: this.component === 'load_balancer' ? this.#upstream() : undefined,
    }
  }

  /** @returns `undefined`: none, or more than one; the general way tells them */
  #upstream(): WrittenUpstream | undefined {
    const [attempt, ...others] = triedUpstreams(this)
    const { takesUpstreams, sink } = this.#templates
    if (attempt === undefined || others.length > 0 || !takesUpstreams || attempt.upstream.length > MAX_NAME)
      return undefined
    const { redaction } = sink
    return { attempt, name: this.#templates.upstreamName(attempt.upstream), status: redaction.text(attempt.status) }
  }

  #tellEnd({ endedMillis, template: { status } }: WrittenHop): void {
    const millis = endedMillis - this.startedMillis
    this.options.units?.onEnd(this, { millis, status, isAborted: false, errorType: undefined })
  }

  #leaveRecord(written: WrittenHop): void {
    const { options } = this
    const isAlone = this.fields === undefined && this.returning === undefined && this.taskNode?.numbersRecords !== true
    const isPlain = isAlone && (this.component !== 'load_balancer' || written.upstream !== undefined)
    if (isPlain) {
      if (options.access !== undefined && options.access !== 'on') return
      const verdict = options.records.judge(SEVERITY_INFO, HTTP_SCOPE.name, this.context)
      if (verdict === 'drop') return
      const { sink, recordKind } = this.#templates
      if (verdict === 'export' && sink.append(recordKind, written, writeCompletion)) return
    }
    const { template, endedMillis } = written
    emitCompletion(
      options,
      this,
      {
        millis: endedMillis - this.startedMillis,
        status: template.status,
        isAborted: false,
        errorType: undefined,
        clientAddress: this.#peer.client,
      },
      this.context,
    )
  }
}
