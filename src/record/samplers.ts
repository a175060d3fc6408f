/**
 * Which traces are recorded? The samplers that OTEL_TRACES_SAMPLER can name. Sampling never loses logs.
 */
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  SamplingDecision,
  type Sampler,
} from '@opentelemetry/sdk-trace'

/** Source: the OpenTelemetry specification, "General SDK Configuration". */
export const SAMPLER_NAMES = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

export type SamplerName = (typeof SAMPLER_NAMES)[number]

/**
 * @param name   default `parentbased_always_on`
 * @param ratio  share of the traces, 0 to 1, for the two ratio samplers; default 1
 */
export function createSampler(name: SamplerName = 'parentbased_always_on', ratio: number = 1): Sampler {
  const base = name.replace('parentbased_', '')
  const root =
    base === 'always_on'
      ? new AlwaysOnSampler()
      : base === 'always_off'
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(ratio)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

/** What this one would not record is recorded and not sampled: for who measures all, and sends none of it. */
export function recordingAll(sampler: Sampler): Sampler {
  return {
    shouldSample(...asked) {
      const result = sampler.shouldSample(...asked)
      return result.decision === SamplingDecision.NOT_RECORD ? { ...result, decision: SamplingDecision.RECORD } : result
    },
    toString: () => String(sampler),
  }
}
