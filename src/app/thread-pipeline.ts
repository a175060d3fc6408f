/**
 * The pipeline of a worker thread of the application, from the configuration.
 */
import { threadId } from 'node:worker_threads'

import type { Pipeline } from '../export/pipeline-options.ts'
import type { ContextCarrier } from '../export/relay/protocol.ts'
import { ThreadPipeline, type PlaceRecord } from '../export/relay/thread-pipeline.ts'
import { createPipeline, type PipelineInput } from './pipeline.ts'

/** What a chain in a thread needs more than one in the main thread. */
export interface ThreadParts {
  /** Makes the context that the thread was made in its own. @returns what of it belongs into records */
  readonly adoptContext: (carrier: ContextCarrier) => PlaceRecord | undefined
}

export function createThreadPipeline(input: PipelineInput, { adoptContext }: ThreadParts): Pipeline {
  const { config, lanes, detached, onWanted } = input
  return new ThreadPipeline({
    threadId,
    accepts: {
      logs: lanes.some((lane) => lane.signal === 'logs'),
      spans: lanes.some((lane) => lane.signal === 'spans'),
    },
    maxBytes: config.queueMaxBytes,
    maxRecords: config.maxBatchRecords,
    detached,
    adoptContext,
    onWanted,
    createWhole: () => createPipeline(input),
  })
}
