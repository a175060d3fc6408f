/**
 * What hops measure: each span of ours that ends is a duration in the histogram of its kind, by the semantic conventions' names.
 *
 * Sampled or not: while metrics are on all of them are recorded (record/samplers.ts).
 */
import { SpanKind, type Attributes, type Histogram, type Meter } from '@opentelemetry/api'

import type { ReadableSpan, SdkAttributes } from '../../model/sdk-types.ts'
import {
  ATTR_CACHE_HIT,
  ATTR_CACHE_NAME,
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_MESSAGING_CONSUMER_GROUP_NAME,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_SYSTEM,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_RPC_GRPC_STATUS_CODE,
  ATTR_RPC_METHOD,
  ATTR_RPC_SERVICE,
  ATTR_RPC_SYSTEM,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
} from '../../model/semconv.ts'
import type { SpanProcessor } from '../../record/processors.ts'

interface Measured {
  readonly name: string
  readonly description: string
  /** The attribute without which a span is none of these, and the kinds that it may have. */
  readonly key: string
  readonly kinds: readonly number[]
  readonly attributes: readonly string[]
  readonly boundaries: readonly number[]
  /** Default: seconds. */
  readonly unit?: 'ms'
}

/** Seconds. Source: semantic conventions 1.37, HTTP and database metrics; messaging's are HTTP's. */
const HTTP_BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
/** Milliseconds, as these conventions have them for calls alone. Source: the same, RPC metrics; the boundaries are HTTP's. */
const RPC_BOUNDARIES = HTTP_BOUNDARIES.map((seconds) => seconds * 1_000)
const RPC_ATTRIBUTES = [ATTR_RPC_SYSTEM, ATTR_RPC_SERVICE, ATTR_RPC_METHOD, ATTR_RPC_GRPC_STATUS_CODE]
const DB_BOUNDARIES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/** Of none, one or several values: routes, hosts and tables, never paths, keys or ids. */
const MEASURED: readonly Measured[] = [
  // Calls of gRPC go over HTTP, and are no requests of HTTP: these come first.
  {
    name: 'rpc.server.duration',
    description: 'Duration of inbound RPC.',
    key: ATTR_RPC_SYSTEM,
    kinds: [SpanKind.SERVER],
    attributes: RPC_ATTRIBUTES,
    boundaries: RPC_BOUNDARIES,
    unit: 'ms',
  },
  {
    name: 'rpc.client.duration',
    description: 'Duration of outbound RPC.',
    key: ATTR_RPC_SYSTEM,
    kinds: [SpanKind.CLIENT],
    attributes: [...RPC_ATTRIBUTES, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT],
    boundaries: RPC_BOUNDARIES,
    unit: 'ms',
  },
  {
    name: 'http.server.request.duration',
    description: 'Duration of HTTP server requests.',
    key: ATTR_HTTP_REQUEST_METHOD,
    kinds: [SpanKind.SERVER],
    attributes: [
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_URL_SCHEME,
      ATTR_HTTP_RESPONSE_STATUS_CODE,
      ATTR_HTTP_ROUTE,
      ATTR_NETWORK_PROTOCOL_VERSION,
      ATTR_ERROR_TYPE,
    ],
    boundaries: HTTP_BOUNDARIES,
  },
  {
    name: 'http.client.request.duration',
    description: 'Duration of HTTP client requests.',
    key: ATTR_HTTP_REQUEST_METHOD,
    kinds: [SpanKind.CLIENT],
    attributes: [
      ATTR_HTTP_REQUEST_METHOD,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
      ATTR_HTTP_RESPONSE_STATUS_CODE,
      ATTR_NETWORK_PROTOCOL_VERSION,
      ATTR_ERROR_TYPE,
    ],
    boundaries: HTTP_BOUNDARIES,
  },
  {
    name: 'db.client.operation.duration',
    description: 'Duration of database client operations.',
    key: ATTR_DB_SYSTEM_NAME,
    kinds: [SpanKind.CLIENT],
    attributes: [
      ATTR_DB_SYSTEM_NAME,
      ATTR_DB_OPERATION_NAME,
      ATTR_DB_COLLECTION_NAME,
      ATTR_DB_NAMESPACE,
      ATTR_DB_RESPONSE_STATUS_CODE,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
      ATTR_ERROR_TYPE,
    ],
    boundaries: DB_BOUNDARIES,
  },
  {
    name: 'messaging.client.operation.duration',
    description: 'Duration of messaging operations initiated by a producer.',
    key: ATTR_MESSAGING_SYSTEM,
    kinds: [SpanKind.PRODUCER],
    attributes: [
      ATTR_MESSAGING_SYSTEM,
      ATTR_MESSAGING_OPERATION_NAME,
      ATTR_MESSAGING_DESTINATION_NAME,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
      ATTR_ERROR_TYPE,
    ],
    boundaries: HTTP_BOUNDARIES,
  },
  {
    name: 'messaging.process.duration',
    description: 'Duration of processing a message.',
    key: ATTR_MESSAGING_SYSTEM,
    kinds: [SpanKind.CONSUMER],
    attributes: [
      ATTR_MESSAGING_SYSTEM,
      ATTR_MESSAGING_OPERATION_NAME,
      ATTR_MESSAGING_DESTINATION_NAME,
      ATTR_MESSAGING_CONSUMER_GROUP_NAME,
      ATTR_SERVER_ADDRESS,
      ATTR_SERVER_PORT,
      ATTR_ERROR_TYPE,
    ],
    boundaries: HTTP_BOUNDARIES,
  },
]

/** Scopes of our hops. Other libraries measure their own. */
const OURS = 'tracelog.'

export function spanMetrics(meter: Meter): SpanProcessor {
  const histograms = new Map<Measured, Histogram>()
  const histogramOf = (measured: Measured): Histogram => {
    const { name, description, boundaries, unit = 's' } = measured
    const options = { description, unit, advice: { explicitBucketBoundaries: [...boundaries] } }
    const histogram = histograms.get(measured) ?? meter.createHistogram(name, options)
    histograms.set(measured, histogram)
    return histogram
  }
  const lookUps = meter.createCounter('tracelog.cache.lookups', {
    description: 'Look-ups in caches that are hops, by whether they hit.',
    unit: '{lookup}',
  })
  return {
    onStart: () => {},
    onEnd: (span) => {
      if (!span.instrumentationScope.name.startsWith(OURS)) return
      const { attributes } = span
      const measured = measuredOf(span)
      if (measured !== undefined) {
        const seconds = secondsOf(span)
        const took = measured.unit === 'ms' ? seconds * 1_000 : seconds
        histogramOf(measured).record(took, picked(attributes, measured.attributes))
      }
      // A request tells its last look-up too, and is none.
      if (attributes[ATTR_CACHE_NAME] === undefined || attributes[ATTR_CACHE_HIT] === undefined) return
      lookUps.add(1, picked(attributes, [ATTR_CACHE_NAME, ATTR_CACHE_HIT]))
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  }
}

function measuredOf({ kind, attributes }: ReadableSpan): Measured | undefined {
  return MEASURED.find(({ key, kinds }) => attributes[key] !== undefined && kinds.includes(kind))
}

function secondsOf({ duration: [seconds, nanos] }: ReadableSpan): number {
  return seconds + nanos / 1e9
}

function picked(attributes: SdkAttributes, keys: readonly string[]): Attributes {
  const found = keys.filter((key) => attributes[key] !== undefined)
  return Object.fromEntries(found.map((key) => [key, attributes[key] as string]))
}
