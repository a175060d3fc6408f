/**
 * The export pipeline, from the configuration.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import type { AppConfig } from '../config/app-config.ts'
import { asExporter } from '../context/exporting.ts'
import { createConsoleSink } from '../export/console-sink.ts'
import type { Composition } from '../export/lane-spec.ts'
import { ExportPipeline } from '../export/pipeline.ts'
import { StdoutLines } from '../export/stdout-lines.ts'
import type { PipelineOptions, SpoolFromMainThread } from '../export/pipeline-options.ts'
import type { Surroundings } from '../export/worker/main.ts'
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
  /** As in PipelineOptions. */
  readonly onWanted: PipelineOptions['onWanted']
}

interface WorkerModule extends SpoolFromMainThread {
  createSender(config: SenderConfig, surroundings: Surroundings): Sender
}

/** With a spool a batch is closed no later: what a kill -9 costs must not be older than 100 ms. Milliseconds. Source: spec, pipeline. */
const SPOOLED_DELAY_MILLIS = 40

export function createPipeline({
  config,
  lanes,
  resource,
  version,
  detached,
  nowUnixNano,
  onWanted,
}: PipelineInput): ExportPipeline {
  const { consoleFormat: format } = config.destinations
  // Beside this file once both are bundles.
  const workerPath = fileURLToPath(new URL('./export-worker.cjs', import.meta.url))
  const load = (): WorkerModule => createRequire(import.meta.url)(workerPath) as WorkerModule
  const { scheduleDelayMillis: delayMillis } = config
  const service = resource.attributes['service.name']
  const spool = config.spool && { ...config.spool, service: typeof service === 'string' ? service : 'unknown_service' }
  return new ExportPipeline({
    resource,
    lanes,
    userAgent: `tracelog/${version}`,
    console: (told) => createConsoleSink({ format, resource, lines: new StdoutLines({ told, detached }) }),
    queueMaxBytes: config.queueMaxBytes,
    maxBatchRecords: config.maxBatchRecords,
    delayMillis: spool === undefined ? delayMillis : Math.min(delayMillis, SPOOLED_DELAY_MILLIS),
    usesWorker: config.usesWorker,
    workerPath,
    loadSender: (...options) => load().createSender(...options),
    spool,
    loadSpool: load,
    detached,
    exporting: (run) => detached(() => asExporter(run)),
    nowUnixNano,
    onWanted,
  })
}
