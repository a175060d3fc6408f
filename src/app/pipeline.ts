/**
 * The export pipeline, from the configuration.
 */
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { AppConfig } from '../config/app-config.ts'
import { createConsoleSink } from '../export/console-sink.ts'
import { ExportPipeline } from '../export/pipeline.ts'
import type { Sender } from '../export/sender.ts'
import { StdoutLines } from '../export/stdout-lines.ts'
import type { SenderConfig } from '../export/worker-protocol.ts'
import type { Resource } from '../model/log-record.ts'

export interface PipelineInput {
  readonly config: AppConfig
  readonly resource: Resource
  readonly version: string
  readonly detached: <T>(run: () => T) => T
  readonly nowUnixNano: () => bigint
}

interface WorkerModule {
  createSender(config: SenderConfig): Sender
}

export function createPipeline({ config, resource, version, detached, nowUnixNano }: PipelineInput): ExportPipeline {
  const { logs, traces: spans, file, consoleFormat: format } = config.destinations
  // Beside this file once both are bundles.
  const workerPath = fileURLToPath(new URL('./export-worker.cjs', import.meta.url))
  const sender: SenderConfig = {
    ...config.otlp,
    // The application may change its working directory later.
    file: file === undefined ? undefined : { ...file, path: resolve(file.path) },
    userAgent: `tracelog/${version}`,
  }
  return new ExportPipeline({
    resource,
    sender,
    destinations: { logs, spans },
    console: (told) =>
      logs.console || spans.console
        ? createConsoleSink({ format, resource, lines: new StdoutLines({ told, detached }) })
        : undefined,
    queueMaxBytes: config.queueMaxBytes,
    maxBatchRecords: config.maxBatchRecords,
    delayMillis: config.scheduleDelayMillis,
    usesWorker: config.usesWorker,
    workerPath,
    loadSender: () => (createRequire(import.meta.url)(workerPath) as WorkerModule).createSender(sender),
    detached,
    nowUnixNano,
  })
}
