/**
 * What of BullMQ is used: its own telemetry interface (interfaces/telemetry, from 5.34 on in the form that we need), and what its jobs
 * tell of themselves.
 */
import type { Context } from '@opentelemetry/api'

/** SpanKind of BullMQ's enum, the same numbers as the API's. */
export const BULLMQ_PRODUCER = 3
export const BULLMQ_CONSUMER = 4

export interface BullmqTelemetry {
  readonly tracer: {
    /** @param name  `<operation> <queue>`, for what adds one job `add <queue>.<job>` */
    startSpan(name: string, options: { readonly kind: number }, context?: Context): BullmqSpan
  }
  readonly contextManager: {
    with<T>(context: Context, run: () => T): T
    active(): Context
    /** For loops that live as long as the process. */
    root(): Context
    /** @returns what a job carries in `opts.telemetry.metadata`; `undefined`: what it carries already */
    getMetadata(context: Context): string | undefined
    fromMetadata(active: Context, metadata: string): Context
  }
}

export interface BullmqSpan {
  setSpanOnContext(context: Context): Context
  setAttribute(key: string, value: unknown): void
  setAttributes(attributes: Readonly<Record<string, unknown>>): void
  addEvent(name: string, attributes?: Readonly<Record<string, unknown>>): void
  recordException(error: unknown): void
  end(): void
}

/** A Queue, a Worker, a FlowProducer ...: who is given the telemetry. */
export interface BullmqOwner {
  /** Of a FlowProducer there is none. */
  readonly name?: unknown
  readonly opts?: unknown
}

export interface BullmqJob {
  readonly id?: unknown
  /** Attempts that have ended; counted when one ends. */
  readonly attemptsMade?: unknown
  /** When it was added, and when this attempt began. Milliseconds since the epoch. */
  readonly timestamp?: unknown
  readonly processedOn?: unknown
  readonly opts?: { readonly delay?: unknown }
}
