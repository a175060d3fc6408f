/**
 * What the receivers have seen since the start: the `received` part of the status answer.
 */
import type { Signal } from '../../model/signal.ts'

export interface ReceiveCounts {
  /** Records acknowledged. */
  logs: number
  /** Spans acknowledged. */
  spans: number
  /** Records, spans and unreadable requests that were refused for good (a request that must be sent again is not counted). */
  rejected: number
  /** Requests of any outcome. */
  requests: number
  /** Bytes acknowledged, as OTLP/protobuf after decompression. */
  bytes: number
}

export function createReceiveCounts(): ReceiveCounts {
  return { logs: 0, spans: 0, rejected: 0, requests: 0, bytes: 0 }
}

/** Notes one acknowledged request. */
export function countAcknowledged(counts: ReceiveCounts, signal: Signal, records: number, bytes: number): void {
  counts[signal] += records
  counts.bytes += bytes
}
