/**
 * One message that is handled, or one batch of them: its CONSUMER span, its unit, and exactly one completion record at its end.
 *
 * A message is a child of who sent it, so that both are one trace. A batch is linked to all who sent into it; it is a child too where
 * all of it is of one trace. Nothing here throws into the application: callers guard it.
 */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import type { SpanHolder } from '../../context/linked-context.ts'
import { RequestUnit, withHop } from '../../context/request-unit.ts'
import { SpanIds } from '../../context/span-ids.ts'
import {
  ATTR_ABORTED,
  ATTR_ATTEMPT,
  ATTR_COMPONENT,
  ATTR_ERROR_TYPE,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_CONSUMER_GROUP_NAME,
  ATTR_MESSAGING_DESTINATION_PARTITION_ID,
  ATTR_MESSAGING_KAFKA_OFFSET,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_QUEUED_MS,
} from '../../model/semconv.ts'
import { errorMessageOf, errorTypeOf } from '../hop/error-type.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import { hangBelowTask, requestPathTo, toldBy } from '../http/begin-server-hop.ts'
import { destinationAttributes, processNameOf } from './destination-attributes.ts'
import { carriedContext, type MessageCarrier } from './message-carrier.ts'
import { emitMessageEnd, type MessageEnd } from './message-record.ts'
import type { Destination, MessageFacts, MessagingOptions } from './messaging-options.ts'

interface MessageBegin {
  readonly destination: Destination
  readonly span: Span
  readonly caller: Context
  readonly requestPath: readonly string[] | undefined
  readonly isBrokerTrusted: boolean
}

export class MessageHop extends RequestUnit implements OpenHop, SpanHolder {
  openBefore: OpenHop | undefined = undefined
  openAfter: OpenHop | undefined = undefined
  readonly context: Context
  readonly span: Span
  readonly #options: MessagingOptions
  readonly #destination: Destination
  #facts: MessageFacts = {}

  constructor(options: MessagingOptions, { span, caller, destination, ...begin }: MessageBegin) {
    const { traceId, spanId, traceFlags } = span.spanContext()
    super({
      ids: SpanIds.of(traceId, spanId),
      traceFlags,
      method: '',
      path: undefined,
      name: processNameOf(destination),
      startedMillis: monotonicMillis(),
      isPeerTrusted: begin.isBrokerTrusted,
      requestPath: begin.requestPath,
    })
    this.component = 'app'
    this.#options = options
    this.#destination = destination
    this.span = span
    this.context = withHop(caller, this)
    this.hop = this
    options.units?.onBegin(this)
    trackHop(this, this.startedMillis)
  }

  get messageId(): string | undefined {
    return this.#facts.messageId
  }

  learn(facts: MessageFacts): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  /** It was handled. Only the first end counts. */
  ended(): void {
    this.#finish({ isAborted: false })
  }

  /** @param error  what the handler threw, or what the library made of it */
  failed(error: unknown): void {
    this.#finish({ error, isFailed: true, isAborted: false })
  }

  /** The process or the connection ends before it was handled. */
  finishNow(): void {
    this.#finish({ isAborted: true })
  }

  /** What was thrown while it was handled, and nobody caught. */
  recordThrown(error: unknown): void {
    if (this.hasThrown) return
    this.hasThrown = true
    this.thrown = error
  }

  #finish(end: Pick<MessageEnd, 'isAborted'> & Partial<MessageEnd>): void {
    if (this.hasEnded) return
    this.hasEnded = true
    untrackHop(this)
    this.hop = undefined
    const thrown = this.hasThrown ? { error: this.thrown, isFailed: true, isAborted: false } : {}
    const whole = { error: undefined, isFailed: false, ...end, ...thrown, millis: this.elapsedMillis() }
    this.#endSpan(whole)
    this.#options.units?.onEnd(this, {
      millis: whole.millis,
      status: undefined,
      isAborted: whole.isAborted,
      errorType: whole.isFailed ? errorTypeOf(whole.error) : undefined,
    })
    emitMessageEnd(this.#options, this, {
      ...whole,
      context: this.context,
      destination: this.#destination,
      facts: this.#facts,
    })
    this.forget()
  }

  #endSpan({ error, isFailed, isAborted }: MessageEnd): void {
    const { span } = this
    const { messageId, group, partition, offset, messageCount, queuedMillis, attempt } = this.#facts
    if (span.isRecording()) {
      span.setAttribute(ATTR_COMPONENT, this.component)
      for (const [name, value] of [
        [ATTR_MESSAGING_MESSAGE_ID, messageId],
        [ATTR_MESSAGING_CONSUMER_GROUP_NAME, group],
        [ATTR_MESSAGING_DESTINATION_PARTITION_ID, partition],
        [ATTR_MESSAGING_KAFKA_OFFSET, offset],
        [ATTR_MESSAGING_BATCH_MESSAGE_COUNT, messageCount],
        [ATTR_QUEUED_MS, queuedMillis],
        [ATTR_ATTEMPT, attempt],
      ] as const)
        if (value !== undefined) span.setAttribute(name, value)
      if (isAborted) span.setAttribute(ATTR_ABORTED, true)
      if (isFailed) {
        span.setAttribute(ATTR_ERROR_TYPE, errorTypeOf(error))
        span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessageOf(error) })
      }
    }
    span.end()
  }
}

/** @param carriers  of each message what it brought along: of one, or of those of a batch */
export function beginMessage(
  options: MessagingOptions,
  destination: Destination,
  carriers: readonly MessageCarrier[],
  isBatch = false,
): MessageHop {
  const isBrokerTrusted = options.trustedPeers.isTrusted(destination.host)
  const contexts = carriers.map((carrier) => carriedContext(carrier, isBrokerTrusted))
  return beginAs(options, destination, contexts, isBatch)
}

/** The same, for a library that has read what its message brought along. @param caller  `undefined`: nothing */
export function beginMessageBelow(
  options: MessagingOptions,
  destination: Destination,
  caller: Context | undefined,
): MessageHop {
  return beginAs(options, destination, [caller ?? ROOT_CONTEXT], false)
}

function beginAs(
  options: MessagingOptions,
  destination: Destination,
  contexts: readonly Context[],
  isBatch: boolean,
): MessageHop {
  const caller = commonCaller(contexts)
  const attributes = destinationAttributes(destination, 'process')
  const span = options.tracer.startHopSpan(processNameOf(destination), SpanKind.CONSUMER, attributes, caller)
  if (isBatch) for (const context of sendersOf(contexts)) span.addLink({ context })
  const isBrokerTrusted = options.trustedPeers.isTrusted(destination.host)
  const told = toldBy(span, isBrokerTrusted)
  const requestPath = options.keepsRequestPath === true ? requestPathTo(span.spanContext().spanId, told) : undefined
  const hop = new MessageHop(options, { destination, span, caller, requestPath, isBrokerTrusted })
  hangBelowTask(hop, told)
  return hop
}

/** The sender's, of messages that are all of one trace; else a batch begins a trace of its own. */
function commonCaller(contexts: readonly Context[]): Context {
  const [first = ROOT_CONTEXT, ...others] = contexts
  const traceId = trace.getSpanContext(first)?.traceId
  const isOne = others.every((context) => trace.getSpanContext(context)?.traceId === traceId)
  return isOne ? first : ROOT_CONTEXT
}

/** Each sender once: messages of one batch have the same. */
function sendersOf(contexts: readonly Context[]): SpanContext[] {
  const senders = new Map<string, SpanContext>()
  for (const context of contexts) {
    const sender = trace.getSpanContext(context)
    if (sender !== undefined) senders.set(`${sender.traceId}${sender.spanId}`, sender)
  }
  return [...senders.values()]
}
