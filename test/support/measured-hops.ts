/**
 * Are there as many measurements of hops as spans of them, for each of their values? A metric is compared as it was sent last.
 */
import { expect } from 'vitest'

import { SPAN_KIND } from '../../src/model/span-record.ts'
import type { Receiver } from './receiver.ts'

/** Metrics that arrive at the end of the process. */
export const METRICS_ON = { OTEL_METRICS_EXPORTER: 'otlp' }

export interface MeasuredHops {
  readonly metric: string
  readonly kind: number
  /** The attribute that its spans have. */
  readonly has: string
  /** By which they are told apart. */
  readonly by: readonly string[]
}

const MESSAGES = { has: 'messaging.system', by: ['messaging.system', 'error.type'] }
export const SENT_MESSAGES: MeasuredHops = {
  metric: 'messaging.client.operation.duration',
  kind: SPAN_KIND.producer,
  ...MESSAGES,
}
export const HANDLED_MESSAGES: MeasuredHops = {
  metric: 'messaging.process.duration',
  kind: SPAN_KIND.consumer,
  ...MESSAGES,
}
export const DATABASE_CALLS: MeasuredHops = {
  metric: 'db.client.operation.duration',
  kind: SPAN_KIND.client,
  has: 'db.system.name',
  by: ['db.operation.name', 'db.collection.name', 'db.response.status_code', 'error.type'],
}

/** @param expected  some of the values, and how many there are */
export function expectMeasured(receiver: Receiver, hops: MeasuredHops, expected: Record<string, number>): void {
  const { points, spans } = counted(receiver, hops)
  expect(points).toEqual(spans)
  expect(points).toMatchObject(expected)
}

function counted(receiver: Receiver, { metric, kind, has, by }: MeasuredHops) {
  const points = receiver.receivedMetrics.findLast(({ name }) => name === metric)?.points ?? []
  const spans = receiver.receivedSpans.map(({ span }) => span).filter((span) => span.kind === kind)
  const textOf = (attributes: Readonly<Record<string, unknown>>) =>
    by.map((key) => (attributes[key] ?? '') as string | number).join(' ')
  return {
    points: sums(points.map(({ attributes, count = 0 }) => [textOf(attributes), count])),
    spans: sums(
      spans.filter(({ attributes }) => attributes[has] !== undefined).map(({ attributes }) => [textOf(attributes), 1]),
    ),
  }
}

function sums(entries: readonly (readonly [string, number])[]): Record<string, number> {
  const all: Record<string, number> = {}
  for (const [text, count] of entries) all[text] = (all[text] ?? 0) + count
  return all
}
