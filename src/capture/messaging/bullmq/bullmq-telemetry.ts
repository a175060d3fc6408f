/**
 * BullMQ's own telemetry interface over our hops: what a Queue, Worker or FlowProducer is given whose application has set none.
 *
 * BullMQ announces every operation as a span; only adding and processing jobs are hops. A job carries its sender's context in
 * `opts.telemetry.metadata`, as JSON, in the form that BullMQ's own OpenTelemetry package writes; retries keep it, so that each attempt
 * is a child of who added the job.
 */
import { context as contextApi, ROOT_CONTEXT, type Context } from '@opentelemetry/api'

import { safely } from '../../../diag/guarded.ts'
import { readField } from '../../../model/js-object.ts'
import { IDLE } from '../../hop/hop-options.ts'
import { carriedContext, recordCarrier } from '../message-carrier.ts'
import { beginMessageBelow, type MessageHop } from '../message-hop.ts'
import { beginSend, type MessageSend } from '../message-send.ts'
import type { Destination, MessagingOptions } from '../messaging-options.ts'
import {
  BULLMQ_CONSUMER,
  BULLMQ_PRODUCER,
  type BullmqOwner,
  type BullmqSpan,
  type BullmqTelemetry,
} from './bullmq-types.ts'
import { thrownBy } from './job-notes.ts'
import { addressOf } from './redis-address.ts'

/** PRODUCER operations that send jobs. Their parts (`addNode`) and others (`retryJobs`) are none of their own. */
const FLOW_SENDS: ReadonlySet<string> = new Set(['addFlow', 'addBulkFlows'])
const SENDS: ReadonlySet<string> = new Set(['add', 'addBulk', ...FLOW_SENDS])
/** What a worker does by itself, each few seconds. */
const IDLE_OPERATIONS: ReadonlySet<string> = new Set(['startStalledCheckTimer', 'moveStalledJobsToWait', 'extendLocks'])
/** Longer metadata is not ours. Characters. */
const MAX_METADATA = 65_536

/** Outside of every request; the Redis commands in it leave nothing behind. */
export const IDLE_CONTEXT: Context = ROOT_CONTEXT.setValue(IDLE, true)

export interface BullmqTelemetryOptions extends MessagingOptions {
  /** Jobs of a scheduler are nobody's: the first may come from a request, and all that follow would be in its trace. */
  readonly isScheduler: boolean
  /** Those under way, of all FlowProducers. */
  readonly flows: WeakMap<Context, MessageSend>
}

export function createBullmqTelemetry(owner: BullmqOwner, options: BullmqTelemetryOptions): BullmqTelemetry {
  const sends = new WeakMap<Context, MessageSend>()
  const { storage, trustedPeers, isScheduler, flows } = options
  const destinationOf = (queue: string): Destination => ({
    system: 'bullmq',
    name: typeof owner.name === 'string' ? owner.name : queue,
    ...addressOf(readField(owner.opts, 'connection')),
  })
  const startSpan: BullmqTelemetry['tracer']['startSpan'] = (name, { kind }, context) => {
    const [operation = '', queue = ''] = name.split(' ', 2)
    if (kind === BULLMQ_CONSUMER) return new HopSpan(beginMessageBelow(options, destinationOf(queue), context))
    if (kind !== BULLMQ_PRODUCER || !SENDS.has(operation) || isScheduler) {
      return IDLE_OPERATIONS.has(operation) ? IDLE_SPAN : NO_SPAN
    }
    const send = beginSend(options, destinationOf(queue))
    sends.set(send.context, send)
    if (FLOW_SENDS.has(operation)) flows.set(send.context, send)
    return new HopSpan(send)
  }
  return {
    tracer: { startSpan: (...args) => safely('bullmq span', () => startSpan(...args)) ?? NO_SPAN },
    contextManager: {
      // Node's own function: no frame of ours in what runs below it.
      with: storage.run.bind(storage),
      active: () => contextApi.active(),
      root: () => IDLE_CONTEXT,
      getMetadata: (context) => safely('bullmq metadata', () => metadataOf(sends.get(context))),
      fromMetadata: (_, metadata) =>
        safely('bullmq metadata', () =>
          contextOf(metadata, trustedPeers.isTrusted(addressOf(readField(owner.opts, 'connection')).host)),
        ) ?? ROOT_CONTEXT,
    },
  }
}

/** The same text for all jobs of a send. */
export function metadataOf(send: MessageSend | undefined): string | undefined {
  if (send === undefined) return undefined
  const headers: Record<string, string> = {}
  send.carry(recordCarrier(headers))
  return Object.keys(headers).length === 0 ? undefined : JSON.stringify(headers)
}

function contextOf(metadata: unknown, isBrokerTrusted: boolean): Context {
  if (typeof metadata !== 'string' || metadata.length > MAX_METADATA) return ROOT_CONTEXT
  let headers: unknown
  try {
    headers = JSON.parse(metadata)
  } catch {
    // Of another library that uses the same field.
    return ROOT_CONTEXT
  }
  if (typeof headers !== 'object' || headers === null) return ROOT_CONTEXT
  const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return carriedContext(recordCarrier(Object.fromEntries(texts)), isBrokerTrusted)
}

/** An operation that is no hop: what is done in it stands where it was asked for. */
const NO_SPAN: BullmqSpan = {
  setSpanOnContext: (context) => context,
  setAttribute: () => {},
  setAttributes: () => {},
  addEvent: () => {},
  recordException: () => {},
  end: () => {},
}
const IDLE_SPAN: BullmqSpan = { ...NO_SPAN, setSpanOnContext: () => IDLE_CONTEXT }

const JOB_ID = 'bullmq.job.id'
const BULK_COUNT = 'bullmq.job.bulk.count'
const FAILED_REASON = 'bullmq.job.failed.reason'

/** A send or a job that is processed, as BullmqSpan. */
class HopSpan implements BullmqSpan {
  readonly #hop: MessageSend | MessageHop
  #error: unknown = undefined
  #hasFailed = false

  constructor(hop: MessageSend | MessageHop) {
    this.#hop = hop
  }

  setSpanOnContext(): Context {
    return this.#hop.context
  }

  setAttribute(key: string, value: unknown): void {
    if (key === JOB_ID && typeof value === 'string') this.#hop.learn({ messageId: value })
    if (key === BULK_COUNT && typeof value === 'number') this.#hop.learn({ messageCount: value })
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): void {
    safely('bullmq span', () => Object.entries(attributes).forEach(([key, value]) => this.setAttribute(key, value)))
  }

  /** Of a failed attempt: a job that is delayed or waits for its children has not failed. */
  addEvent(name: string, attributes?: Readonly<Record<string, unknown>>): void {
    if (name === 'job failed') this.#fail(thrownBy(this.#hop) ?? { message: attributes?.[FAILED_REASON] })
  }

  /** A text is a try to reach Redis that is made again. */
  recordException(error: unknown): void {
    if (typeof error !== 'string') this.#fail(error)
  }

  end(): void {
    safely('bullmq span', () => (this.#hasFailed ? this.#hop.failed(this.#error) : this.#hop.ended()))
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#error = error
  }
}
