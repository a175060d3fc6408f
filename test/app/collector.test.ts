/**
 * An unmodified OpenTelemetry Collector stands where `tracelog dev` stands: by environment alone, every record with its values.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import { fixture, runChild } from '../support/child.ts'
import { startOtelcol } from '../support/servers/otelcol.ts'
import { requireServers } from '../support/servers/program.ts'

/** Receives, and writes what it got as OTLP JSON: nothing is changed on the way. */
const CONFIG = fixture('collector/file-only.yaml')

/** The objects below `key`, wherever they stand. */
function below(value: unknown, key: string): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === key && Array.isArray(inner) ? (inner as Record<string, unknown>[]) : []),
    ...below(inner, key),
  ])
}

requireServers('otelcol')(
  'a Collector receives the lines, the spans and the completion record of a request',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-collector-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const collector = await startOtelcol({ configs: [CONFIG], folder })
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl, OTEL_SERVICE_NAME: 'shop' }
    expect(await runChild('collector/app.mjs', { env })).toMatchObject({ code: 0, stderr: '' })
    await collector.stop()
    const received = collector.aggregate()

    const logs = received.flatMap((request) => below(request, 'logRecords'))
    const spans = received.flatMap((request) => below(request, 'spans'))
    const line = logs.find(({ body }) => (body as { stringValue?: string }).stringValue === 'greeting')
    expect(line).toMatchObject({ severityNumber: 9, severityText: 'info', traceId: spans[0]?.['traceId'] })
    expect(line?.['attributes']).toEqual([
      { key: 'name', value: { stringValue: 'ada' } },
      { key: 'count', value: { intValue: '3' } },
      { key: 'share', value: { doubleValue: 1.5 } },
      { key: 'when', value: { stringValue: '1970-01-01T00:00:00.000Z' } },
      {
        key: 'nested',
        value: {
          kvlistValue: {
            values: [{ key: 'list', value: { arrayValue: { values: [{ intValue: '1' }, { stringValue: 'x' }] } } }],
          },
        },
      },
      { key: 'tracelog.seq', value: { intValue: '0' } },
    ])
    expect(logs.map(({ eventName }) => eventName)).toContain('tracelog.http.server.end')
    expect(spans.map(({ kind, name }) => [kind, name]).toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
      [2, 'GET /hello/:name'],
      [3, 'GET'],
    ])
    expect(new Set([...logs, ...spans].map(({ traceId }) => traceId)).size).toBe(1)
  },
)
