/**
 * The reference as oracle: the same calls of the API, once to us and once to OpenTelemetry's own SDK and serialisers, are the same
 * messages when an independent reader decodes both, but for the differences of the tables below.
 */
import {
  ROOT_CONTEXT,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  trace,
  type AnyValue as ApiValue,
  type Attributes as ApiAttributes,
  type Context,
  type LoggerProvider as ApiLoggerProvider,
  type LogRecord as ApiLogRecord,
  type SpanOptions,
  type SpanStatus,
  type TimeInput,
  type TracerProvider as ApiTracerProvider,
} from '@opentelemetry/api'
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../src/model/otlp-request.ts'
import { createLoggerProvider } from '../../src/record/logger-provider.ts'
import { createRecordEmitter } from '../../src/record/create-record-emitter.ts'
import { createTracerProvider } from '../../src/record/tracer-provider.ts'
import { createLevels } from '../../src/record/levels.ts'
import type { InstrumentationScope } from '../../src/model/log-record.ts'
import { protobufjsDecode } from '../support/otlp-proto.ts'

const RESOURCE = { 'service.name': 'web', list: ['a', 'b'], n: 1 }
const CALLER = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  isRemote: true,
}
const IN_SPAN: Context = trace.setSpanContext(ROOT_CONTEXT, CALLER)

type Message = Record<string, unknown>

// -- the two ways --

function ourLogs(call: (provider: ApiLoggerProvider) => void): Message {
  const encoder = new OtlpEncoder()
  let written: InstrumentationScope | undefined
  const records = createRecordEmitter({
    levels: createLevels({ thresholds: { thresholdOf: () => undefined, lowestThreshold: () => undefined } }),
    sink: {
      emit(record, scope) {
        written = scope
        encoder.appendLog(record)
      },
    },
  })
  call(createLoggerProvider(records))
  return protobufjsDecode('ExportLogsServiceRequest', requestOf(encoder, written))
}

function theirLogs(call: (provider: ApiLoggerProvider) => void): Message {
  const exporter = new InMemoryLogRecordExporter()
  const processors = [new SimpleLogRecordProcessor({ exporter })]
  call(new LoggerProvider({ resource: resourceFromAttributes(RESOURCE), processors }))
  const bytes = ProtobufLogsSerializer.serializeRequest(exporter.getFinishedLogRecords())
  return protobufjsDecode('ExportLogsServiceRequest', bytes as Uint8Array)
}

function ourSpans(call: (provider: ApiTracerProvider) => void): Message {
  const encoder = new OtlpEncoder()
  let written: InstrumentationScope | undefined
  const provider = createTracerProvider({
    sink: {
      emit(span, scope) {
        written = scope
        encoder.appendSpan(span)
      },
    },
  })
  call(provider)
  return protobufjsDecode('ExportTraceServiceRequest', requestOf(encoder, written))
}

function theirSpans(call: (provider: ApiTracerProvider) => void): Message {
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor({ exporter })]
  call(new TracerProvider({ resource: resourceFromAttributes(RESOURCE), spanProcessors }))
  const bytes = ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans())
  return protobufjsDecode('ExportTraceServiceRequest', bytes as Uint8Array)
}

function requestOf(encoder: OtlpEncoder, written: InstrumentationScope | undefined): Uint8Array {
  const scope = encodeScope(written ?? { name: '', version: '' })
  return assembleRequest([
    { resource: encodeResource({ attributes: RESOURCE }), scopes: [{ scope, records: [encoder.take()] }] },
  ])
}

/**
 * Nothing is said by a zero, an empty text or an empty list: absent in one, written in the other. The ids that each makes are not
 * the other's.
 */
function meant(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meant)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .map(([key, field]): [string, unknown] => [key, meant(field)])
    .filter(([key, field]) => !isDefault(key, field))
  return Object.fromEntries(entries)
}

const VALUES = new Set([
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'bytesValue',
  'arrayValue',
  'kvlistValue',
])

function isDefault(key: string, field: unknown): boolean {
  if (key === 'spanId') return true
  if (VALUES.has(key)) return false
  // A status of nothing is none.
  if (key === 'status') return Object.keys(field as object).length === 0
  return field === 0 || field === '0' || field === '' || (Array.isArray(field) && field.length === 0)
}

// -- what is tried --

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ unit: 'grapheme', maxLength: 30 }))
const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true })).filter((value) => isSame(value))
/** -0 and whole numbers beyond 2^53 stand in the table. */
function isSame(value: number): boolean {
  return !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value)) && Number.isFinite(value)
}
const leaf = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes)),
)
const key = fc.string({ unit: 'grapheme', maxLength: 10 }).map((name) => `k${name}`)
const { value } = fc.letrec<{ value: ApiValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ) as fc.Arbitrary<ApiValue>,
}))
const attributes = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<ApiAttributes>
/** What spans take: a leaf, or a list of one kind. */
const spanAttributes = fc.dictionary(
  key,
  fc.oneof(text, number, fc.boolean(), fc.array(text, { maxLength: 3 }), fc.array(number, { maxLength: 3 })),
  { maxKeys: 4, noNullPrototype: true },
) as fc.Arbitrary<ApiAttributes>
const time: fc.Arbitrary<TimeInput> = fc
  .tuple(fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }), fc.nat(999_999_999))
  .map(([seconds, nanos]): [number, number] => [seconds, nanos])

const { UNSPECIFIED, TRACE, DEBUG2, INFO, WARN3, ERROR, FATAL4 } = SeverityNumber
const SEVERITIES = [UNSPECIFIED, TRACE, DEBUG2, INFO, WARN3, ERROR, FATAL4]

const record: fc.Arbitrary<ApiLogRecord> = fc.record({
  timestamp: time,
  observedTimestamp: time,
  severityNumber: fc.constantFrom(...SEVERITIES),
  severityText: text,
  eventName: text,
  body: value,
  attributes,
  context: fc.constantFrom(ROOT_CONTEXT, IN_SPAN),
})

interface SpanCall {
  readonly name: string
  readonly options: SpanOptions
  readonly events: readonly { readonly name: string; readonly attributes: ApiAttributes; readonly at: TimeInput }[]
  readonly status: SpanStatus
  readonly added: ApiAttributes
  readonly thrown: Error | undefined
  readonly end: TimeInput
}

const spanCall: fc.Arbitrary<SpanCall> = fc.record({
  name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  options: fc.record({
    kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER),
    attributes: spanAttributes,
    links: fc.array(fc.record({ context: fc.constant(CALLER), attributes: spanAttributes }), { maxLength: 2 }),
    startTime: fc.constant<TimeInput>([1_700_000_000, 5]),
  }),
  events: fc.array(
    fc.record({ name: fc.string({ unit: 'grapheme', minLength: 1 }), attributes: spanAttributes, at: time }),
    { maxLength: 3 },
  ),
  status: fc.oneof(
    fc.constant({ code: SpanStatusCode.UNSET }),
    fc.constant({ code: SpanStatusCode.OK }),
    text.map((message) => ({ code: SpanStatusCode.ERROR, message })),
  ),
  added: spanAttributes,
  thrown: fc.option(fc.constant(new TypeError('no cart')), { nil: undefined }),
  end: fc.constant<TimeInput>([1_700_000_001, 7]),
})

const logging = (input: ApiLogRecord) => (provider: ApiLoggerProvider) => provider.getLogger('shop', '1.2').emit(input)
const tracing =
  ({ name, options, events, status, added, thrown, end }: SpanCall) =>
  (provider: ApiTracerProvider) => {
    const span = provider.getTracer('shop', '1.2').startSpan(name, options, IN_SPAN)
    for (const event of events) span.addEvent(event.name, event.attributes, event.at)
    span.setAttributes(added).setStatus(status)
    if (thrown !== undefined) span.recordException(thrown, [1_700_000_000, 9])
    span.end(end)
  }

test('records: our bytes mean what theirs mean', () => {
  fc.assert(
    fc.property(record, (input) => {
      expect(meant(ourLogs(logging(input)))).toEqual(meant(theirLogs(logging(input))))
    }),
    { numRuns: 500 },
  )
})

test('spans: our bytes mean what theirs mean', () => {
  fc.assert(
    fc.property(spanCall, (call) => {
      expect(meant(ourSpans(tracing(call)))).toEqual(meant(theirSpans(tracing(call))))
    }),
    { numRuns: 500 },
  )
})

// -- the differences, by hand --

interface Difference {
  readonly what: string
  readonly value: unknown
  readonly ours: unknown
  readonly theirs: unknown
  /** Why ours is meant to be so. */
  readonly why: string
}

const NOTHING = {}
const EMPTY_MAP = { kvlistValue: {} }
const NOT_LOST = 'what an application logs is not lost'
const int = (intValue: string) => ({ intValue })
const string = (stringValue: string) => ({ stringValue })
const entry = (name: string, of: unknown) => ({ kvlistValue: { values: [{ key: name, value: of }] } })

const VALUES_APART: readonly Difference[] = [
  { what: 'minus zero', value: -0, ours: { doubleValue: -0 }, theirs: int('0'), why: 'it is kept' },
  {
    what: 'a whole number beyond 2^53',
    value: 2 ** 60,
    ours: { doubleValue: 2 ** 60 },
    theirs: int('1152921504606846976'),
    why: 'it is not exact, and an int says that it is',
  },
  { what: 'a bigint', value: 10n, ours: string('10'), theirs: NOTHING, why: NOT_LOST },
  { what: 'a Date', value: new Date(0), ours: string('1970-01-01T00:00:00.000Z'), theirs: EMPTY_MAP, why: NOT_LOST },
  { what: 'a Map', value: new Map([['a', 1]]), ours: entry('a', int('1')), theirs: EMPTY_MAP, why: NOT_LOST },
  {
    what: 'a Set',
    value: new Set([1]),
    ours: { arrayValue: { values: [int('1')] } },
    theirs: EMPTY_MAP,
    why: NOT_LOST,
  },
  {
    what: 'a Uint8Array that is no Buffer',
    value: new Uint8Array([1]),
    ours: { arrayValue: { values: [int('1')] } },
    theirs: { bytesValue: 'AQ==' },
    why: 'typed arrays are lists of numbers to who logs them, and a Buffer is what holds bytes',
  },
  { what: 'a symbol', value: Symbol('x'), ours: string('Symbol(x)'), theirs: NOTHING, why: NOT_LOST },
  { what: 'a function', value: function f() {}, ours: string('[Function: f]'), theirs: NOTHING, why: NOT_LOST },
  {
    what: 'an object that says what it is in JSON',
    value: { toJSON: () => 5 },
    ours: int('5'),
    theirs: entry('toJSON', NOTHING),
    why: 'as JSON.stringify does, which every logger uses',
  },
  {
    what: 'a field that is undefined',
    value: { a: undefined },
    ours: EMPTY_MAP,
    theirs: entry('a', NOTHING),
    why: 'it counts as absent, as in JSON',
  },
  {
    what: 'seven levels',
    value: { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } },
    ours: entry('a', entry('b', entry('c', entry('d', entry('e', entry('f', string('[Object]'))))))),
    theirs: entry('a', entry('b', entry('c', entry('d', entry('e', entry('f', entry('g', int('1')))))))),
    why: 'the depth of a record is bounded',
  },
]

interface FoundRecord {
  readonly body?: unknown
  readonly attributes?: readonly { readonly key: string; readonly value: unknown }[]
}

function firstRecord(message: Message): FoundRecord | undefined {
  const { resourceLogs } = message as { resourceLogs: { scopeLogs: { logRecords: FoundRecord[] }[] }[] }
  return resourceLogs[0]?.scopeLogs[0]?.logRecords[0]
}

const TIMES = { timestamp: [1, 0] as TimeInput, observedTimestamp: [1, 0] as TimeInput }

test.each(VALUES_APART)('apart: $what, for $why', ({ value: body, ours, theirs }) => {
  const call = logging({ body, ...TIMES })
  expect(firstRecord(ourLogs(call))?.body).toEqual(ours)
  expect(firstRecord(theirLogs(call))?.body).toEqual(theirs)
})

test('apart: an attribute whose name has no letter or digit gets one, for Loki makes nothing of it', () => {
  const call = logging({ attributes: { '-': 1 }, ...TIMES })
  expect(firstRecord(ourLogs(call))?.attributes?.map((one) => one.key)).toEqual(['key_-'])
  expect(firstRecord(theirLogs(call))?.attributes?.map((one) => one.key)).toEqual(['-'])
})

test('apart: an exception says what caused it', () => {
  const exception = new TypeError('no cart', { cause: new Error('no customer') })
  const call = logging({ exception, ...TIMES })
  const of = (message: Message) =>
    Object.fromEntries(firstRecord(message)?.attributes?.map((one) => [one.key, one.value]) ?? [])
  const { 'exception.cause': cause, 'exception.stacktrace': stack, ...ours } = of(ourLogs(call))
  const { 'exception.stacktrace': theirStack, ...theirs } = of(theirLogs(call))
  expect(ours).toEqual(theirs)
  expect(JSON.stringify(stack).startsWith(JSON.stringify(theirStack).slice(0, -2))).toBe(true)
  expect(JSON.stringify(cause)).toContain('no customer')
})
