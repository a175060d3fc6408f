/**
 * What is the same for all requests of one method, route and status: encoded once, for SERVER span and completion record.
 *
 * Only ids, times, path, query and numbers are written for each request (hop-writers.ts). A test holds what comes out against
 * the general way for random requests.
 */
import { LOG_RECORD, SPAN } from '../../model/otlp-schema.ts'
import { encodedFields } from '../../model/record-fields.ts'
import type { AnyValue } from '../../model/any-value.ts'
import type { RequestUnit } from '../../context/request-unit.ts'
import { ROLL_UP_KEYS } from '../../context/roll-up.ts'
import {
  ATTR_COMPONENT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PEER_PORT,
  ATTR_RESPONSE_TIME_MS,
  ATTR_SEQ,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_LB_ROUTING_MS,
  ATTR_RETRIES,
  ATTR_UPSTREAM,
  ATTR_UPSTREAM_MS,
  ATTR_UPSTREAM_STATUSES,
  ATTR_UPSTREAM_TRIED,
  EVENT_HTTP_SERVER_END,
  EVENT_LB_END,
} from '../../model/semconv.ts'
import { SEVERITY_INFO } from '../../model/severity.ts'
import type { PartRedaction } from '../../model/part-redaction.ts'
import type { EncodedKind, EncodedSink } from '../../record/encoded-sink.ts'
import { HTTP_SCOPE, type HopOptions } from '../hop/hop-options.ts'
import { addMethod } from './http-method.ts'
import { PeerBlocks } from './peer-block.ts'
import { serverSpanName } from './server-span.ts'

export interface HopTemplate {
  readonly method: string
  readonly route: string | undefined
  readonly status: number
  readonly component: string
  /** Name, kind and attributes of a span. */
  readonly span: Uint8Array
  /** Severity, event name and attributes of a completion record. */
  readonly record: Uint8Array
}

/** What is written apart for each request. Where the user hides one of these keys, nothing is written by templates. */
const WRITTEN_KEYS = [
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_NETWORK_PEER_PORT,
  ATTR_RESPONSE_TIME_MS,
  ATTR_SEQ,
  ...ROLL_UP_KEYS,
]

/** The same of a balancer's record. */
const UPSTREAM_KEYS = [
  ATTR_RETRIES,
  ATTR_UPSTREAM,
  ATTR_UPSTREAM_MS,
  ATTR_LB_ROUTING_MS,
  ATTR_UPSTREAM_TRIED,
  ATTR_UPSTREAM_STATUSES,
]

const MAX_REMEMBERED = 1_000
/** A name of a span up to this length is never cut. Characters. */
const MAX_NAME = 512
/** Of a SpanKind in OTLP. */
const KIND_SERVER = 2

export class HopTemplates {
  readonly options: HopOptions
  readonly sink: EncodedSink
  readonly peers: PeerBlocks
  readonly spanKind: EncodedKind
  readonly recordKind: EncodedKind
  /** Whether a template may write a balancer's record. */
  readonly takesUpstreams: boolean
  readonly #redaction: PartRedaction
  readonly #remembered = new Map<string, HopTemplate>()
  #last: HopTemplate | undefined
  #lastUpstream = ''
  #lastUpstreamName = ''

  private constructor(options: HopOptions, sink: EncodedSink) {
    this.options = options
    this.sink = sink
    this.#redaction = sink.redaction
    this.peers = new PeerBlocks(sink.redaction)
    const kind = { scope: sink.redaction.scope(HTTP_SCOPE), severityNumber: SEVERITY_INFO }
    this.spanKind = { ...kind, signal: 'spans' }
    this.recordKind = { ...kind, signal: 'logs' }
    this.takesUpstreams = UPSTREAM_KEYS.every((key) => sink.redaction.isPlainKey(key))
  }

  /** @returns `undefined`: these hops are never written by templates */
  static for(options: HopOptions): HopTemplates | undefined {
    const { encoded, keepsRequestPath } = options
    if (encoded === undefined || keepsRequestPath === true) return undefined
    return WRITTEN_KEYS.every((key) => encoded.redaction.isPlainKey(key))
      ? new HopTemplates(options, encoded)
      : undefined
  }

  /** Whether a hop that begins now may be written by a template at its end. */
  takes(): boolean {
    return this.sink.takes('spans') && this.sink.takes('logs')
  }

  /** The name of an upstream, redacted: few are asked again and again. */
  upstreamName(name: string): string {
    if (name !== this.#lastUpstream) {
      this.#lastUpstream = name
      this.#lastUpstreamName = this.#redaction.text(name)
    }
    return this.#lastUpstreamName
  }

  /** @returns `undefined` for a route that is too long */
  of({ method, route, component }: RequestUnit, status: number): HopTemplate | undefined {
    const last = this.#last
    if (
      last !== undefined &&
      last.route === route &&
      last.status === status &&
      last.method === method &&
      last.component === component
    )
      return last
    if (route !== undefined && route.length > MAX_NAME) return undefined
    const key = `${method} ${status} ${component} ${route === undefined ? '' : `/${route}`}`
    let found = this.#remembered.get(key)
    if (found === undefined) {
      found = this.#make({ method, route, status, component })
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
      this.#remembered.set(key, found)
    }
    this.#last = found
    return found
  }

  #make(kind: Omit<HopTemplate, 'span' | 'record'>): HopTemplate {
    const { method, route, status, component } = kind
    const attributes: Record<string, AnyValue> = {}
    addMethod(attributes, method)
    attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status
    attributes[ATTR_COMPONENT] = component
    if (route !== undefined) attributes[ATTR_HTTP_ROUTE] = route
    const name = this.#redaction.text(serverSpanName(method, route))
    return {
      ...kind,
      span: encodedFields((writer) => {
        writer.textField(SPAN.name, name)
        writer.varintField(SPAN.kind, KIND_SERVER)
        writer.attributes(SPAN.attributes, this.#redaction.spanAttributes(attributes))
      }),
      record: encodedFields((writer) => {
        writer.varintField(LOG_RECORD.severityNumber, SEVERITY_INFO)
        writer.attributes(LOG_RECORD.attributes, this.#redaction.logAttributes(attributes))
        writer.textField(LOG_RECORD.eventName, component === 'load_balancer' ? EVENT_LB_END : EVENT_HTTP_SERVER_END)
      }),
    }
  }
}
