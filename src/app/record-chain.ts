/**
 * The chain behind record/ as a whole: who emits, redaction, the sinks, the pipeline. Made by the first record (late-chain.ts).
 */
import { HTTP_SCOPE } from '../capture/hop/hop-options.ts'
import { MESSAGING_SCOPE } from '../capture/messaging/messaging-options.ts'
import type { AppConfig } from '../config/app-config.ts'
import type { AnchoredClock } from '../diag/clock.ts'
import type { Pipeline } from '../export/pipeline-options.ts'
import { RelayPorts } from '../export/relay/ports.ts'
import type { WantedNews } from '../export/wanted/wanted-news.ts'
import type { InstrumentationScope, LogRecord, Resource } from '../model/log-record.ts'
import { sdkSpanOf } from '../model/sdk-span.ts'
import { sdkResourceOf, type SdkResource } from '../model/sdk-types.ts'
import type { DumpTarget } from '../process/recorder/hand-over.ts'
import { Recorder } from '../process/recorder/recorder.ts'
import { createRedactor, type Redactor, type RedactorOptions } from '../process/redactor.ts'
import type { EncodedSink } from '../record/encoded-sink.ts'
import type { LogSink, SpanSink } from '../record/sinks.ts'
import type { TracerProviderOptions } from '../record/tracer-provider.ts'
import { createPipeline, type PipelineInput } from './pipeline.ts'
import { createDumpTarget, createEncodedSink, createLogSink, createSpanSink } from './sinks.ts'
import { createThreadPipeline, type ThreadParts } from './thread-pipeline.ts'
import type { UserProcessors } from './user-processors.ts'
import { createWantedHearer } from './wanted-news.ts'
import type { WitnessSeat } from './witness.ts'

export interface RecordChainOptions extends Omit<PipelineInput, 'onWanted'> {
  /** Not yet redacted. */
  readonly resource: Resource
  readonly processors: UserProcessors
  /** Of all records and spans. */
  readonly clock: AnchoredClock
  readonly seat: WitnessSeat
  /** This is a worker thread of the application. */
  readonly thread: ThreadParts | undefined
}

export interface RecordChain {
  readonly resource: Resource
  /** The same, as processors of the user see it. */
  readonly sdkResource: SdkResource
  readonly pipeline: Pipeline
  /** For the threads of a main thread. */
  readonly relay: RelayPorts | undefined
  /** `undefined`: TRACELOG_RECORDER=off. */
  readonly recorder: Recorder | undefined
  readonly logs: LogSink
  readonly spans: SpanSink
  readonly encoded: EncodedSink
  readonly shown: NonNullable<TracerProviderOptions['shown']>
  /** For records that are returned to callers: hides what is secret whatever TRACELOG_REDACT and _KEYS say, and what they add. */
  readonly redactReturned: (record: LogRecord) => LogRecord
}

export function createRecordChain(options: RecordChainOptions): RecordChain {
  const { config, processors, seat } = options
  const redactor = createRedactor(redactorOptions(config))
  let returned: Redactor | undefined
  const resource = redactor.redactResource(options.resource)
  const onWanted =
    config.recorder &&
    createWantedHearer({ recorder: () => recorder, detached: options.detached, isDebug: config.isDebug })
  const { pipeline, relay } = createOutlet({ ...options, resource, onWanted })
  const sdkResource = sdkResourceOf(resource)
  const chain = { config, redactor, pipeline, processors, seat, resource: sdkResource }
  const recorder = createRecorder(options, createDumpTarget(chain))
  return {
    resource,
    sdkResource,
    pipeline,
    relay,
    recorder,
    logs: createLogSink({ ...chain, recorder }),
    spans: createSpanSink(chain),
    encoded: createEncodedSink({ ...chain, clock: options.clock }),
    redactReturned: (record) =>
      (returned ??= createRedactor({
        ...config.redaction,
        isOn: true,
        removedKeys: [],
        searchesShortNames: true,
      })).redactLog(record),
    shown: (span, scope) => sdkSpanOf(redactor.redactSpan(span), redactor.redactScope(scope), sdkResource),
  }
}

const END_SCOPES: ReadonlySet<InstrumentationScope> = new Set([HTTP_SCOPE, MESSAGING_SCOPE])

function createRecorder(
  { config, nowUnixNano, detached }: RecordChainOptions,
  target: DumpTarget,
): Recorder | undefined {
  if (config.recorder === undefined) return undefined
  return new Recorder({ ...config.recorder, target, endScopes: END_SCOPES, nowUnixNano, detached })
}

/** A worker thread hands its batches to the main thread, which takes them. */
function createOutlet(options: RecordChainOptions & PipelineInput): Pick<RecordChain, 'pipeline' | 'relay'> {
  const { thread, onWanted } = options
  if (thread !== undefined) return { pipeline: createThreadPipeline(options, thread), relay: undefined }
  const tellAll = (news: WantedNews): void => {
    onWanted?.(news)
    if (news.kind === 'wanted') relay.tell(news)
  }
  const pipeline = createPipeline({ ...options, onWanted: onWanted && tellAll })
  const relay = new RelayPorts({
    adopt: (batch) => pipeline.adopt(batch),
    flush: (flushOptions) => pipeline.flush(flushOptions),
  })
  return { pipeline, relay }
}

function redactorOptions({ redaction, hops }: AppConfig): RedactorOptions {
  const { attributeValueLength } = hops.spanLimits
  return { ...redaction, ...(attributeValueLength === undefined ? {} : { spanValueLength: attributeValueLength }) }
}
