/** Metrics as a request of OTLP holds them, for tests: one object per metric and request. */
import { protobufjsDecode } from './otlp-proto.ts'

export interface ReceivedPoint {
  readonly attributes: Readonly<Record<string, unknown>>
  /** Of sums and gauges. */
  readonly value: number | undefined
  /** Of histograms. */
  readonly count: number | undefined
  readonly sum: number | undefined
  readonly bounds: readonly number[]
}

export interface ReceivedMetric {
  readonly name: string
  readonly unit: string
  readonly scope: string
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram'
  readonly temporality: 'delta' | 'cumulative' | undefined
  readonly points: readonly ReceivedPoint[]
  readonly resource: Readonly<Record<string, unknown>>
}

interface WireAttribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}
interface WirePoint {
  readonly attributes?: readonly WireAttribute[]
  readonly asDouble?: number
  readonly asInt?: string
  readonly count?: string
  readonly sum?: number
  readonly explicitBounds?: readonly number[]
}
interface WireData {
  readonly dataPoints?: readonly WirePoint[]
  readonly aggregationTemporality?: number
}
type WireMetric = Readonly<Partial<Record<ReceivedMetric['kind'], WireData>>> & {
  readonly name: string
  readonly unit?: string
}
interface WireRequest {
  readonly resourceMetrics?: readonly {
    readonly resource: { readonly attributes?: readonly WireAttribute[] }
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string }
      readonly metrics: readonly WireMetric[]
    }[]
  }[]
}

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram'] as const
const TEMPORALITIES = [undefined, 'delta', 'cumulative'] as const

export function decodeMetrics(body: Uint8Array): readonly ReceivedMetric[] {
  const { resourceMetrics = [] } = protobufjsDecode('ExportMetricsServiceRequest', body) as WireRequest
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics.map((metric) => ({
        ...metricOf(metric),
        scope: scope.name,
        resource: attributesOf(resource.attributes),
      })),
    ),
  )
}

function metricOf(metric: WireMetric): Omit<ReceivedMetric, 'scope' | 'resource'> {
  const kind = KINDS.find((each) => metric[each] !== undefined) ?? 'gauge'
  const { dataPoints = [], aggregationTemporality = 0 } = metric[kind] ?? {}
  return {
    name: metric.name,
    unit: metric.unit ?? '',
    kind,
    temporality: TEMPORALITIES[aggregationTemporality],
    points: dataPoints.map(({ attributes, asDouble, asInt, count, sum, explicitBounds = [] }) => ({
      attributes: attributesOf(attributes),
      value: asDouble ?? (asInt === undefined ? undefined : Number(asInt)),
      count: count === undefined ? undefined : Number(count),
      sum,
      bounds: explicitBounds,
    })),
  }
}

function attributesOf(attributes: readonly WireAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [kind, inner] = Object.entries(value)[0] ?? ['', undefined]
      return [key, kind === 'intValue' ? Number(inner) : inner]
    }),
  )
}
