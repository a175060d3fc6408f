/**
 * The one record and the one span that are sent, as OTLP/JSON: same trace, recognisable, harmless to dashboards.
 */
import { randomBytes } from 'node:crypto'

import { packageVersion } from '../../package-info.ts'

/** Of both; dashboards can leave it out by this name. */
export const CHECK_SERVICE = 'tracelog-stack-check'

export interface TestSignals {
  readonly traceId: string
  readonly sentAtMillis: number
  readonly logs: unknown
  readonly traces: unknown
}

export function createTestSignals(nowMillis: number = Date.now()): TestSignals {
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  const time = `${nowMillis}000000`
  const resource = { attributes: [text('service.name', CHECK_SERVICE)] }
  const scope = { name: CHECK_SERVICE, version: packageVersion() }
  const record = {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: 9,
    severityText: 'info',
    body: { stringValue: 'test record of tracelog stack check' },
    // Else Loki would take a second one of the same millisecond for the same record.
    attributes: [text('log.record.uid', traceId)],
    traceId,
    spanId,
    flags: 1,
  }
  const span = {
    traceId,
    spanId,
    flags: 1,
    name: 'tracelog stack check',
    kind: 1,
    startTimeUnixNano: time,
    endTimeUnixNano: `${nowMillis + 1}000000`,
  }
  return {
    traceId,
    sentAtMillis: nowMillis,
    logs: { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] },
    traces: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] },
  }
}

function text(key: string, value: string): unknown {
  return { key, value: { stringValue: value } }
}
