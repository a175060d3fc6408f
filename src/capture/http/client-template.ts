/**
 * What is the same for all requests to one place that are answered alike: encoded once, for the CLIENT span.
 *
 * Only ids, times and the URL are written for each request. A test holds what comes out against the general way.
 */
import type { Context } from '@opentelemetry/api'

import type { AnyValue } from '../../model/any-value.ts'
import type { InstrumentationScope } from '../../model/log-record.ts'
import { SPAN } from '../../model/otlp-schema.ts'
import type { ProtoWriter } from '../../model/proto-writer.ts'
import { encodedFields } from '../../model/record-fields.ts'
import {
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_FULL,
} from '../../model/semconv.ts'
import { SEVERITY_INFO } from '../../model/severity.ts'
import { SPAN_KIND } from '../../model/span-record.ts'
import type { EncodedKind, EncodedSink } from '../../record/encoded-sink.ts'
import { PlainSpan } from '../hop/plain-span.ts'
import { spanNameOf } from './http-method.ts'
import { clientAttributes, originOf, targetOf, type OutgoingRequest } from './outgoing-request.ts'

/** What is known of an answer. */
export interface ClientAnswer {
  status: number | undefined
  protocolVersion: string | undefined
  peerAddress: string | undefined
  peerPort: number | undefined
}

interface ClientTemplate extends ClientAnswer, Place {
  readonly method: string
  readonly origin: string
  /** Name, kind and attributes of a span. */
  readonly span: Uint8Array
}

/** Where a request goes. */
type Place = Pick<OutgoingRequest, 'protocol' | 'host' | 'port' | 'socketPath'>

interface WrittenRequest {
  readonly span: PlainSpan
  readonly template: ClientTemplate
  /** Redacted. */
  readonly url: string
  readonly resends: number
  readonly endedMillis: number
}

/** A request that has ended as most do. */
export interface EndedRequest {
  readonly outgoing: OutgoingRequest
  readonly answer: ClientAnswer
  readonly resends: number
  readonly endedMillis: number
}

/** What is written apart for each request. Where the user hides one of these keys, nothing is written by templates. */
const WRITTEN_KEYS = [ATTR_URL_FULL, ATTR_HTTP_REQUEST_RESEND_COUNT]
const MAX_REMEMBERED = 1_000
/** Texts up to this length are never cut. Characters. */
const MAX_TEXT = 512

export class ClientTemplates {
  readonly #sink: EncodedSink
  readonly #kind: EncodedKind
  readonly #remembered = new Map<string, ClientTemplate>()
  #last: ClientTemplate | undefined

  private constructor(sink: EncodedSink, scope: InstrumentationScope) {
    this.#sink = sink
    this.#kind = { scope: sink.redaction.scope(scope), severityNumber: SEVERITY_INFO, signal: 'spans' }
  }

  /** @returns `undefined`: no request is written by a template */
  static for(sink: EncodedSink | undefined, scope: InstrumentationScope): ClientTemplates | undefined {
    if (sink === undefined || !WRITTEN_KEYS.every((key) => sink.redaction.isPlainKey(key))) return undefined
    return new ClientTemplates(sink, scope)
  }

  /** @returns `undefined`: the tracer has to be asked for the span */
  begin(context: Context, startedMillis: number): PlainSpan | undefined {
    return this.#sink.takes('spans') ? PlainSpan.below(context, startedMillis, this.#sink) : undefined
  }

  /** @returns false: nothing was written */
  write(span: PlainSpan, { outgoing, answer, resends, endedMillis }: EndedRequest): boolean {
    const sink = this.#sink
    const { status, peerAddress } = answer
    if (status === undefined || status >= 400 || peerAddress === undefined) return false
    // The system's time was set meanwhile: two anchors in one span are for the general way.
    if (!sink.takes('spans') || sink.clock.anchorAt(endedMillis) !== span.anchor) return false
    const { host, socketPath = '' } = outgoing
    const target = targetOf(outgoing)
    if (host.length > MAX_TEXT || socketPath.length > MAX_TEXT) return false
    if (target.length > sink.redaction.maxText - 2 * MAX_TEXT) return false
    const template = this.#of(outgoing, answer)
    const url = sink.redaction.url(template.origin, target)
    return sink.append(this.#kind, { span, template, url, resends, endedMillis }, writeClientSpan)
  }

  #of(outgoing: OutgoingRequest, answer: ClientAnswer): ClientTemplate {
    const last = this.#last
    if (last !== undefined && isSame(last, outgoing, answer)) return last
    const { status, protocolVersion, peerAddress, peerPort } = answer
    const { method, protocol, host, port, socketPath } = outgoing
    const place = `${protocol} ${host} ${port} ${socketPath}`
    const key = `${method} ${status} ${protocolVersion} ${place} ${peerAddress} ${peerPort}`
    let found = this.#remembered.get(key)
    if (found === undefined) {
      const origin = originOf(outgoing)
      found = { ...answer, method, protocol, host, port, socketPath, origin, span: this.#encode(outgoing, answer) }
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
      this.#remembered.set(key, found)
    }
    this.#last = found
    return found
  }

  #encode(outgoing: OutgoingRequest, answer: ClientAnswer): Uint8Array {
    const { [ATTR_URL_FULL]: _url, ...attributes } = clientAttributes(outgoing)
    addAnswer(attributes, answer)
    const { redaction } = this.#sink
    return encodedFields((writer) => {
      writer.textField(SPAN.name, redaction.text(spanNameOf(outgoing.method)))
      writer.varintField(SPAN.kind, SPAN_KIND.client)
      writer.attributes(SPAN.attributes, redaction.spanAttributes(attributes))
    })
  }
}

/** What a CLIENT span says when its answer is there. */
export function addAnswer(attributes: Record<string, AnyValue>, answer: ClientAnswer): void {
  const { status, protocolVersion, peerAddress, peerPort } = answer
  if (peerAddress !== undefined) attributes[ATTR_NETWORK_PEER_ADDRESS] = peerAddress
  if (peerAddress !== undefined && peerPort !== undefined) attributes[ATTR_NETWORK_PEER_PORT] = peerPort
  if (status !== undefined) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status
  if (protocolVersion !== undefined) attributes[ATTR_NETWORK_PROTOCOL_VERSION] = protocolVersion
}

function isSame(template: ClientTemplate, outgoing: OutgoingRequest, answer: ClientAnswer): boolean {
  return (
    template.status === answer.status &&
    template.method === outgoing.method &&
    template.port === outgoing.port &&
    template.host === outgoing.host &&
    template.protocol === outgoing.protocol &&
    template.socketPath === outgoing.socketPath &&
    template.peerPort === answer.peerPort &&
    template.peerAddress === answer.peerAddress &&
    template.protocolVersion === answer.protocolVersion
  )
}

function writeClientSpan(writer: ProtoWriter, written: WrittenRequest): void {
  const { span, template, url, resends, endedMillis } = written
  span.write(writer, endedMillis)
  writer.raw(template.span)
  writer.attribute(SPAN.attributes, ATTR_URL_FULL, url)
  if (resends > 0) writer.attribute(SPAN.attributes, ATTR_HTTP_REQUEST_RESEND_COUNT, resends)
}
