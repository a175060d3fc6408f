/** Records and spans that no application of ours sends, as OTLP JSON. */
import { postJson } from '../../support/post-json.ts'

interface Foreign {
  readonly service: string
  readonly traceId?: string
  /** Milliseconds before now. Default 0. */
  readonly ageMillis?: number
  /** How many of the same. Default 1. */
  readonly count?: number
}

const nano = (millis: number): string => `${BigInt(Math.round(millis)) * 1_000_000n}`
const attributes = (service: string): unknown => ({
  attributes: [{ key: 'service.name', value: { stringValue: service } }],
})

/** @returns the status of the answer */
export async function sendRecord(otlpUrl: string, { service, traceId, ageMillis = 0 }: Foreign): Promise<number> {
  const logRecords = [
    {
      timeUnixNano: nano(Date.now() - ageMillis),
      severityNumber: 9,
      body: { stringValue: `from ${service}` },
      ...(traceId === undefined ? {} : { traceId, spanId: '00000000000000a1' }),
    },
  ]
  return postJson(`${otlpUrl}/v1/logs`, {
    resourceLogs: [{ resource: attributes(service), scopeLogs: [{ logRecords }] }],
  })
}

/** @returns the status of the answer */
export async function sendSpans(otlpUrl: string, { service, traceId, count = 1 }: Foreign): Promise<number> {
  const now = Date.now()
  const spans = Array.from({ length: count }, (_, place) => ({
    traceId: traceId ?? '000000000000000000000000000000c1',
    spanId: (place + 0xa1).toString(16).padStart(16, '0'),
    name: `work of ${service}`,
    kind: 2,
    startTimeUnixNano: nano(now - 1),
    endTimeUnixNano: nano(now),
  }))
  return postJson(`${otlpUrl}/v1/traces`, {
    resourceSpans: [{ resource: attributes(service), scopeSpans: [{ spans }] }],
  })
}
