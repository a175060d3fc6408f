/**
 * The export pipeline, from the configuration.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import type { AppConfig } from '../config/app-config.ts'
import { createConsoleSink } from '../export/console-sink.ts'
import type { Composition } from '../export/lane-spec.ts'
import { ExportPipeline } from '../export/pipeline.ts'
import { StdoutLines } from '../export/stdout-lines.ts'
import type { SenderConfig } from '../export/worker/protocol.ts'
import type { Sender } from '../export/worker/sender.ts'
import type { Resource } from '../model/log-record.ts'

export interface PipelineInput {
  readonly config: AppConfig
  readonly resource: Resource
  readonly lanes: Composition
  readonly version: string
  readonly detached: <T>(run: () => T) => T
  readonly nowUnixNano: () => bigint
}

interface WorkerModule {
  createSender(config: SenderConfig): Sender
}

export function createPipeline({
  config,
  lanes,
  resource,
  version,
  detached,
  nowUnixNano,
}: PipelineInput): ExportPipeline {
  const { consoleFormat: format } = config.destinations
  // Beside this file once both are bundles.
  const workerPath = fileURLToPath(new URL('./export-worker.cjs', import.meta.url))
  return new ExportPipeline({
    resource,
    lanes,
    userAgent: `tracelog/${version}`,
    console: (told) => createConsoleSink({ format, resource, lines: new StdoutLines({ told, detached }) }),
    queueMaxBytes: config.queueMaxBytes,
    maxBatchRecords: config.maxBatchRecords,
    delayMillis: config.scheduleDelayMillis,
    usesWorker: config.usesWorker,
    workerPath,
    loadSender: (sender) => (createRequire(import.meta.url)(workerPath) as WorkerModule).createSender(sender),
    detached,
    nowUnixNano,
  })
}
