/**
 * How the calls of OTLP/gRPC are named. Source: the services of opentelemetry-proto, one for each signal. Pure.
 */
import type { Signal } from './signal.ts'

export const EXPORT_METHODS: Readonly<Record<Signal | 'metrics', string>> = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  spans: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
}
