/** Traces as three services would send them, each in requests of its own: OTLP/JSON, acknowledged or thrown. */
import { randomBytes } from 'node:crypto'

import { postJson } from '../../support/post-json.ts'

const SERVICES = ['lb', 'api', 'cache'] as const

/** Per service and trace: one record, one span. */
export const SIGNALS_PER_TRACE: number = SERVICES.length

/** Sends `count` traces; all that a service has to say of one is one request for each signal. @returns their ids */
export async function sendTraces(url: string, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => randomBytes(16).toString('hex'))
  for (const service of SERVICES) await Promise.all(ids.map((traceId) => sendPart(url, service, traceId)))
  return ids
}

async function sendPart(url: string, service: string, traceId: string): Promise<void> {
  const now = `${Date.now()}000000`
  const spanId = randomBytes(8).toString('hex')
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] }
  const span = { traceId, spanId, name: service, kind: 2, startTimeUnixNano: now, endTimeUnixNano: now }
  const record = { traceId, spanId, timeUnixNano: now, severityNumber: 9, body: { stringValue: service } }
  await Promise.all([
    post(`${url}/v1/traces`, { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    post(`${url}/v1/logs`, { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] }),
  ])
}

async function post(url: string, body: unknown): Promise<void> {
  const status = await postJson(url, body)
  if (status !== 200) throw new Error(`${url} answers ${status}`)
}
