/**
 * What hops through queues are told from outside, and under which name they report.
 */
import type { InstrumentationScope } from '../../model/log-record.ts'
import type { HopOptions } from '../hop/hop-options.ts'

/** Spans and completion records of messages are emitted under this name. */
export const MESSAGING_SCOPE: InstrumentationScope = { name: 'tracelog.messaging', version: '' }

export type MessagingOptions = Pick<
  HopOptions,
  'tracer' | 'records' | 'units' | 'storage' | 'propagator' | 'trustedPeers' | 'access' | 'keepsRequestPath'
>

/** A queue, a topic, a subject: where messages go to and come from. */
export interface Destination {
  /** `bullmq`, `kafka`, `rabbitmq`, `nats`. */
  readonly system: string
  /** What the broker calls it; `''`: several, or it has no name. */
  readonly name: string
  /** The broker's, as the application names it; `undefined`: not known, so not trusted. */
  readonly host: string | undefined
  readonly port?: number | undefined
}

/** What a library tells of a message that is about to be handled; more may become known until its end. */
export interface MessageFacts {
  readonly messageId?: string | undefined
  readonly group?: string | undefined
  readonly partition?: string | undefined
  /** In its partition. */
  readonly offset?: string | undefined
  /** Of a batch. */
  readonly messageCount?: number | undefined
  /** How long it lay with the broker, as the broker tells. Milliseconds. */
  readonly queuedMillis?: number | undefined
  /** 1 for the first time. */
  readonly attempt?: number | undefined
}
