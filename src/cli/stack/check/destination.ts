/**
 * The two places where the test signals must arrive: how each is asked, and what it counts.
 *
 * Sources: the HTTP APIs of Loki 3.7 and Tempo 3.0; the counters as both print them at /metrics.
 */
import { parseObject } from './parse-object.ts'
import type { ProbeAnswer } from './probe.ts'
import type { Peer, StackTarget } from './target.ts'
import { CHECK_SERVICE, type TestSignals } from './test-signals.ts'

export interface Destination {
  readonly peer: Peer
  readonly noun: 'record' | 'span'
  /** Under `peer.address`. */
  readonly lookPath: (signals: TestSignals) => string
  /** Whether this 200 has it; `undefined` when it is no answer of such a server. Any 404 means "not yet". */
  readonly isFound: (answer: ProbeAnswer) => boolean | undefined
  /** Counters by tenant. */
  readonly receivedCounter: string
  readonly discardedCounter: string
  /** Counted by the Collector, by exporter. */
  readonly sendFailedCounter: string
  /** The tenant that stands in the counters when none is named. */
  readonly nameless: string
  /** What the Collector reads the address from, as a part of a sentence about it. */
  readonly variable: string
  readonly limits: string
}

/** So far may Loki's clock, and the time it takes, be from ours. */
const AROUND_MILLIS = 300_000

export function lokiOf({ loki }: StackTarget): Destination {
  return {
    peer: loki,
    noun: 'record',
    lookPath: ({ traceId, sentAtMillis }) => {
      const query = new URLSearchParams({
        query: `{service_name="${CHECK_SERVICE}"} | trace_id="${traceId}"`,
        start: `${sentAtMillis - AROUND_MILLIS}000000`,
        end: `${sentAtMillis + AROUND_MILLIS}000000`,
        limit: '1',
      })
      return `/loki/api/v1/query_range?${query.toString()}`
    },
    isFound: ({ body }) => {
      const { data } = parseObject(body) as { data?: { result?: readonly unknown[] } }
      return data?.result === undefined ? undefined : data.result.length > 0
    },
    receivedCounter: 'loki_distributor_lines_received_total',
    discardedCounter: 'loki_discarded_samples_total',
    sendFailedCounter: 'otelcol_exporter_send_failed_log_records',
    nameless: 'fake',
    variable: 'its TRACELOG_LOKI',
    limits: 'limits_config in collector/loki.yaml',
  }
}

export function tempoOf({ tempo }: StackTarget): Destination {
  return {
    peer: tempo,
    noun: 'span',
    lookPath: ({ traceId }) => `/api/traces/${traceId}`,
    isFound: ({ body }) => ('batches' in parseObject(body) ? true : undefined),
    receivedCounter: 'tempo_distributor_spans_received_total',
    discardedCounter: 'tempo_discarded_spans_total',
    sendFailedCounter: 'otelcol_exporter_send_failed_spans',
    nameless: 'single-tenant',
    variable: 'its TRACELOG_TEMPO',
    limits: 'overrides in collector/tempo.yaml',
  }
}
