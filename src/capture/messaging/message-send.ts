/**
 * One send as a hop: its PRODUCER span, and what its messages take along. It writes no record: who handles them does.
 */
import { context as contextApi, SpanKind, SpanStatusCode, type Context, type Span } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

import { withSpan } from '../../context/linked-context.ts'
import {
  ATTR_ABORTED,
  ATTR_ERROR_TYPE,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_MESSAGE_ID,
} from '../../model/semconv.ts'
import { errorMessageOf, errorTypeOf } from '../hop/error-type.ts'
import { QUIET } from '../hop/hop-options.ts'
import { trackHop, untrackHop, type OpenHop } from '../hop/open-hops.ts'
import { destinationAttributes } from './destination-attributes.ts'
import { carryContext, type MessageCarrier } from './message-carrier.ts'
import type { Destination, MessagingOptions } from './messaging-options.ts'

/** What is known of a send beside where it goes. */
export interface SendFacts {
  readonly messageId?: string | undefined
  /** Of a batch. */
  readonly messageCount?: number | undefined
}

export class MessageSend implements OpenHop {
  openBefore: OpenHop | undefined = undefined
  openAfter: OpenHop | undefined = undefined
  /** What travels. */
  readonly context: Context
  readonly #options: MessagingOptions
  readonly #host: string | undefined
  /** `undefined`: nothing is recorded, and the caller's trace goes on all the same. */
  readonly #span: Span | undefined
  #hasEnded = false

  constructor(options: MessagingOptions, destination: Destination, caller: Context) {
    this.#options = options
    this.#host = destination.host
    this.#span = isQuiet(caller) ? undefined : startSpan(options, destination, caller)
    this.context = this.#span === undefined ? caller : withSpan(caller, this.#span)
    trackHop(this)
  }

  /** Writes what travels into a message. */
  carry(carrier: MessageCarrier): void {
    carryContext(this.context, carrier, { host: this.#host, propagator: this.#options.propagator })
  }

  learn({ messageId, messageCount }: SendFacts): void {
    if (messageId !== undefined) this.#span?.setAttribute(ATTR_MESSAGING_MESSAGE_ID, messageId)
    if (messageCount !== undefined) this.#span?.setAttribute(ATTR_MESSAGING_BATCH_MESSAGE_COUNT, messageCount)
  }

  /** The broker has it, or the library does not say more. Only the first end counts. */
  ended(): void {
    if (this.#isFirstEnd()) this.#span?.end()
  }

  failed(error: unknown): void {
    if (!this.#isFirstEnd()) return
    this.#span?.setAttribute(ATTR_ERROR_TYPE, errorTypeOf(error))
    this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: errorMessageOf(error) })
    this.#span?.end()
  }

  /** The process ends before the broker has answered. */
  finishNow(): void {
    if (!this.#isFirstEnd()) return
    this.#span?.setAttribute(ATTR_ABORTED, true)
    this.#span?.end()
  }

  #isFirstEnd(): boolean {
    if (this.#hasEnded) return false
    this.#hasEnded = true
    untrackHop(this)
    return true
  }
}

/** @param caller  default: the active context */
export function beginSend(
  options: MessagingOptions,
  destination: Destination,
  caller: Context = contextApi.active(),
): MessageSend {
  return new MessageSend(options, destination, caller)
}

function isQuiet(caller: Context): boolean {
  return isTracingSuppressed(caller) || caller.getValue(QUIET) === true
}

function startSpan({ tracer }: MessagingOptions, destination: Destination, caller: Context): Span {
  const attributes = destinationAttributes(destination, 'send')
  return tracer.startHopSpan(`send ${destination.name}`.trimEnd(), SpanKind.PRODUCER, attributes, caller)
}
