/** OpenTelemetry's own variables, except those of the endpoint (otlp-settings.ts). */
import { ANY_COUNT, FROM_ONE, type Setting } from './setting.ts'

const OTLP_ONLY = { otlp: true, console: false, file: false }
const LIMITS = 'env/span-limits.test.ts'

export const OTEL_SETTINGS: readonly Setting[] = [
  {
    name: 'OTEL_SDK_DISABLED',
    of: (config) => config.isDisabled,
    values: [
      [undefined, false],
      ['true', true],
      ['False', false],
    ],
    wrong: ['1', 'one of true, false'],
    seenIn: 'app/preload.test.ts',
  },
  {
    name: 'OTEL_SERVICE_NAME',
    of: (config) => config.serviceName,
    values: [
      [undefined, undefined],
      [' shop ', 'shop'],
    ],
    seenIn: 'app/resource.test.ts',
  },
  {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    of: (config) => config.resourceAttributes,
    values: [
      [undefined, {}],
      ['deployment.environment.name=prod, team=a%2Cb', { 'deployment.environment.name': 'prod', team: 'a,b' }],
    ],
    wrong: ['novalue', 'a comma list of key=value pairs, percent-encoded where needed'],
    seenIn: 'app/resource.test.ts',
  },
  {
    name: 'OTEL_NODE_RESOURCE_DETECTORS',
    of: (config) => config.resourceDetectors,
    values: [
      [undefined, ['all']],
      ['env,host', ['env', 'host']],
    ],
    wrong: ['cloud', 'a comma list of env, host, os, process, serviceinstance, all, none'],
    seenIn: 'app/resource.test.ts',
  },
  {
    name: 'OTEL_LOGS_EXPORTER',
    of: (config) => config.destinations.logs,
    values: [
      [undefined, OTLP_ONLY],
      ['console, otlp', { otlp: true, console: true, file: false }],
      ['none', { otlp: false, console: false, file: false }],
    ],
    wrong: ['zipkin', 'a comma list of otlp, console, file, none'],
    seenIn: 'app/destinations.test.ts',
  },
  {
    name: 'OTEL_LOGS_EXPORTER',
    of: (config) => config.destinations.logs,
    beside: { TRACELOG_FILE: '/tmp/x' },
    values: [['file', { otlp: false, console: false, file: true }]],
    wrong: ['none,otlp', 'a comma list of otlp, console, file, none; none alone'],
    seenIn: 'app/destinations.test.ts',
  },
  {
    name: 'OTEL_LOGS_EXPORTER',
    of: (config) => config.destinations.logs,
    values: [[undefined, OTLP_ONLY]],
    wrong: ['file', 'used together with TRACELOG_FILE, which names the file'],
    seenIn: 'app/destinations.test.ts',
  },
  {
    name: 'OTEL_TRACES_EXPORTER',
    of: (config) => config.destinations.traces,
    values: [
      [undefined, OTLP_ONLY],
      ['console', { otlp: false, console: true, file: false }],
    ],
    wrong: ['file', 'a comma list of otlp, console, zipkin, none'],
    seenIn: 'app/destinations.test.ts',
  },
  {
    name: 'OTEL_TRACES_EXPORTER',
    of: (config) => config.destinations.zipkin,
    values: [
      [undefined, undefined],
      ['Zipkin, otlp', { url: 'http://localhost:9411/api/v2/spans' }],
    ],
    seenIn: 'app/exporters.test.ts',
  },
  {
    name: 'OTEL_EXPORTER_ZIPKIN_ENDPOINT',
    of: (config) => config.destinations.zipkin,
    beside: { OTEL_TRACES_EXPORTER: 'zipkin' },
    values: [['https://zipkin.example/api/v2/spans', { url: 'https://zipkin.example/api/v2/spans' }]],
    wrong: ['zipkin:9411', 'an http:// or https:// URL'],
    seenIn: 'app/exporters.test.ts',
  },
  {
    name: 'OTEL_BLRP_SCHEDULE_DELAY',
    of: (config) => config.scheduleDelayMillis,
    beside: { OTEL_BSP_SCHEDULE_DELAY: '900' },
    values: [
      ['1000', 1000],
      ['0', 0],
    ],
    wrong: ['-1', ANY_COUNT],
    seenIn: 'env/batches.test.ts',
  },
  {
    name: 'OTEL_BSP_SCHEDULE_DELAY',
    of: (config) => config.scheduleDelayMillis,
    values: [
      [undefined, 200],
      ['900', 900],
    ],
    wrong: ['1s', ANY_COUNT],
    seenIn: 'env/batches.test.ts',
  },
  {
    name: 'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE',
    of: (config) => config.maxBatchRecords,
    beside: { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '100' },
    values: [['512', 512]],
    wrong: ['0', FROM_ONE],
    seenIn: 'env/batches.test.ts',
  },
  {
    name: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
    of: (config) => config.maxBatchRecords,
    values: [
      [undefined, 8192],
      ['100', 100],
    ],
    wrong: ['0', FROM_ONE],
    seenIn: 'env/batches.test.ts',
  },
  {
    name: 'OTEL_PROPAGATORS',
    of: (config) => config.hops.propagators,
    values: [
      [undefined, ['tracecontext', 'baggage']],
      ['tracecontext', ['tracecontext']],
      ['none', []],
      ['b3multi,B3,baggage,b3', ['b3multi', 'b3', 'baggage']],
    ],
    wrong: ['jaeger', 'a comma list of tracecontext, baggage, b3, b3multi, none'],
    seenIn: 'env/propagation.test.ts',
  },
  {
    name: 'OTEL_TRACES_SAMPLER',
    of: (config) => config.hops.sampler,
    values: [
      [undefined, { name: 'parentbased_always_on', ratio: 1 }],
      ['always_off', { name: 'always_off', ratio: 1 }],
    ],
    wrong: [
      'sometimes',
      'one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio',
    ],
    seenIn: 'env/sampling.test.ts',
  },
  {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    of: (config) => config.hops.sampler.ratio,
    values: [
      [undefined, 1],
      ['0.25', 0.25],
    ],
    wrong: ['2', 'a number from 0 to 1'],
    seenIn: 'env/sampling.test.ts',
  },
  ...[
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'attributeCount'] as const,
    ['OTEL_ATTRIBUTE_COUNT_LIMIT', 'attributeCount'] as const,
    ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'attributeValueLength'] as const,
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'attributeValueLength'] as const,
    ['OTEL_SPAN_EVENT_COUNT_LIMIT', 'eventCount'] as const,
    ['OTEL_SPAN_LINK_COUNT_LIMIT', 'linkCount'] as const,
    ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 'attributePerEventCount'] as const,
    ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 'attributePerLinkCount'] as const,
  ].map(([name, limit]): Setting => ({
    name,
    of: (config) => config.hops.spanLimits,
    values: [
      [undefined, {}],
      ['7', { [limit]: 7 }],
    ],
    wrong: ['many', ANY_COUNT],
    seenIn: LIMITS,
  })),
  {
    name: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
    of: (config) => config.enabledInstrumentations,
    values: [
      [undefined, undefined],
      ['http, winston', ['http', 'winston']],
    ],
    seenIn: 'env/instrumentations.test.ts',
  },
  {
    name: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    of: (config) => config.disabledInstrumentations,
    values: [
      [undefined, []],
      ['http', ['http']],
    ],
    seenIn: 'env/instrumentations.test.ts',
  },
]
