/**
 * The chain behind record/ as a whole: who emits, redaction, the sinks, the pipeline. Made by the first record (late-chain.ts).
 */
import type { AppConfig } from '../config/app-config.ts'
import type { AnchoredClock } from '../diag/clock.ts'
import type { ExportPipeline } from '../export/pipeline.ts'
import type { Resource } from '../model/log-record.ts'
import { sdkSpanOf } from '../model/sdk-span.ts'
import { sdkResourceOf, type SdkResource } from '../model/sdk-types.ts'
import { createRedactor, type RedactorOptions } from '../process/redactor.ts'
import type { EncodedSink } from '../record/encoded-sink.ts'
import type { LogSink, SpanSink } from '../record/sinks.ts'
import type { TracerProviderOptions } from '../record/tracer-provider.ts'
import { createPipeline, type PipelineInput } from './pipeline.ts'
import { createEncodedSink, createLogSink, createSpanSink } from './sinks.ts'
import type { UserProcessors } from './user-processors.ts'

export interface RecordChainOptions extends PipelineInput {
  /** Not yet redacted. */
  readonly resource: Resource
  readonly processors: UserProcessors
  /** Of all records and spans. */
  readonly clock: AnchoredClock
}

export interface RecordChain {
  readonly resource: Resource
  /** The same, as processors of the user see it. */
  readonly sdkResource: SdkResource
  readonly pipeline: ExportPipeline
  readonly logs: LogSink
  readonly spans: SpanSink
  readonly encoded: EncodedSink
  readonly shown: NonNullable<TracerProviderOptions['shown']>
}

export function createRecordChain(options: RecordChainOptions): RecordChain {
  const { config, processors } = options
  const redactor = createRedactor(redactorOptions(config))
  const resource = redactor.redactResource(options.resource)
  const pipeline = createPipeline({ ...options, resource })
  const sdkResource = sdkResourceOf(resource)
  const chain = { config, redactor, pipeline, processors, resource: sdkResource }
  return {
    resource,
    sdkResource,
    pipeline,
    logs: createLogSink(chain),
    spans: createSpanSink(chain),
    encoded: createEncodedSink({ ...chain, clock: options.clock }),
    shown: (span, scope) => sdkSpanOf(redactor.redactSpan(span), redactor.redactScope(scope), sdkResource),
  }
}

function redactorOptions({ redaction, hops }: AppConfig): RedactorOptions {
  const { attributeValueLength } = hops.spanLimits
  return { ...redaction, ...(attributeValueLength === undefined ? {} : { spanValueLength: attributeValueLength }) }
}
