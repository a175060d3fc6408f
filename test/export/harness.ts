/** A pipeline against a test receiver, without an application around it. */
import { openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect } from 'vitest'

import { createConsoleSink } from '../../src/export/console-sink.ts'
import { ExportPipeline } from '../../src/export/pipeline.ts'
import type { PipelineOptions } from '../../src/export/pipeline-options.ts'
import type { PipelineStats, SignalStats } from '../../src/export/pipeline-stats.ts'
import type { OtlpEndpoint } from '../../src/export/otlp-endpoint.ts'
import { createWriteAhead, keepSync } from '../../src/export/spool/from-main-thread.ts'
import { createSender } from '../../src/export/worker/main.ts'
import { StdoutLines } from '../../src/export/stdout-lines.ts'
import type { LogRecord } from '../../src/model/log-record.ts'

/** The bundle: dist/ must have been built. */
export const WORKER: string = fileURLToPath(new URL('../../dist/export-worker.cjs', import.meta.url))

export interface HarnessOptions extends Partial<PipelineOptions> {
  readonly endpoint?: Partial<OtlpEndpoint>
}

/** Sends in this thread unless told otherwise. */
export function pipelineTo(url: string, { endpoint, ...options }: HarnessOptions = {}): ExportPipeline {
  const general = {
    protocol: 'http/protobuf' as OtlpEndpoint['protocol'],
    headers: {},
    timeoutMillis: 5000,
    compression: 'none' as const,
    ...endpoint,
  }
  const urlOf = (path: string) => (general.protocol === 'grpc' ? url : `${url}/v1/${path}`)
  const to = (path: string) => ({ kind: 'otlp' as const, endpoint: { url: urlOf(path), ...general } })
  return new ExportPipeline({
    resource: { attributes: { 'service.name': 'test' } },
    lanes: [
      { signal: 'logs', name: 'otlp', label: url, to: to('logs') },
      { signal: 'spans', name: 'otlp', label: url, to: to('traces') },
    ],
    userAgent: 'tracelog/test',
    console: (told) =>
      createConsoleSink({
        format: 'text',
        resource: { attributes: {} },
        lines: new StdoutLines({ told, open: () => openSync('/dev/null', 'w') }),
      }),
    queueMaxBytes: 32 * 1024 * 1024,
    maxBatchRecords: 8192,
    delayMillis: 20,
    usesWorker: false,
    workerPath: WORKER,
    loadSender: createSender,
    spool: undefined,
    loadSpool: () => ({ createWriteAhead, keepSync }),
    detached: (run) => run(),
    exporting: (run) => run(),
    onWanted: undefined,
    nowUnixNano: () => BigInt(Date.now()) * 1_000_000n,
    ...options,
  })
}

export const SCOPE = { name: 'app', version: '1' }

export function record(body: string, severityNumber = 9): LogRecord {
  return {
    timeUnixNano: 1_700_000_000_000_000_000n,
    observedTimeUnixNano: 1_700_000_000_000_000_000n,
    severityNumber,
    severityText: '',
    eventName: '',
    body,
    attributes: {},
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
  }
}

export function emit(pipeline: ExportPipeline, count: number, severityNumber = 9): void {
  for (let i = 0; i < count; i++) pipeline.emitLog(record(`record ${i}`, severityNumber), SCOPE)
}

export function droppedOf({ dropped }: SignalStats): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0)
}

/** emitted = delivered + spooled + queued + sum(dropped), of both signals and of every lane. */
export function expectIdentity(stats: PipelineStats): void {
  for (const signal of [stats.logs, stats.spans, ...stats.lanes]) {
    expect(signal.delivered + signal.spooled + signal.queued + droppedOf(signal)).toBe(signal.emitted)
  }
}
