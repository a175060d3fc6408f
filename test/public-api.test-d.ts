/** The types of the public API, checked by `tsc -p test`. */
import { expectTypeOf } from 'expect-type'

import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { BatchLogRecordProcessor, type LogRecordProcessor } from '@opentelemetry/sdk-logs'
import { BatchSpanProcessor, InMemorySpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'

import * as client from '../src/client.ts'
import * as api from '../src/index.ts'
import * as testing from '../src/testing.ts'

expectTypeOf(api.start).parameter(0).toEqualTypeOf<api.StartOptions | undefined>()
expectTypeOf(api.start()).toEqualTypeOf<api.Tracelog>()
expectTypeOf(api.flush()).resolves.toEqualTypeOf<api.FlushResult>()
expectTypeOf(api.shutdown).parameter(0).toEqualTypeOf<api.FlushOptions | undefined>()
expectTypeOf(api.stats().logs.dropped).toEqualTypeOf<Readonly<Record<api.DropReason, number>>>()
expectTypeOf(api.stats().endpoint).toEqualTypeOf<'up' | 'down' | 'unknown'>()
expectTypeOf(api.setLevel).parameter(0).toEqualTypeOf<api.LevelName | 'off'>()
expectTypeOf(api.currentRequest()).toEqualTypeOf<api.CurrentRequest | undefined>()
expectTypeOf(api.cached('users', 'get', () => 1)).resolves.toEqualTypeOf<number>()
expectTypeOf(api.instrumentCache(new Map(), 'users')).toEqualTypeOf<() => void>()
expectTypeOf(api.cached('users', 'get', () => Promise.resolve('a'))).resolves.toEqualTypeOf<string>()
expectTypeOf<api.TracelogError>().toExtend<Error>()
expectTypeOf<api.TracelogError['code']>().toEqualTypeOf<api.ErrorCode>()
// @ts-expect-error -- a level that there is not
api.setLevel('loud')

// What the SDK has fits, its interfaces and its classes.
expectTypeOf<LogRecordProcessor>().toExtend<api.LogRecordProcessor>()
expectTypeOf<SpanProcessor>().toExtend<api.SpanProcessor>()
api.start({
  logRecordProcessors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
  spanProcessors: [new BatchSpanProcessor({ exporter: new InMemorySpanExporter() })],
})
// @ts-expect-error -- no processor
api.start({ logRecordProcessors: [{}] })

expectTypeOf(testing.capture(() => 1)).resolves.toEqualTypeOf<testing.CapturedRun<number>>()
expectTypeOf(testing.capture(() => Promise.resolve('a')))
  .resolves.toHaveProperty('value')
  .toEqualTypeOf<string>()
expectTypeOf(testing.capture).parameter(1).toEqualTypeOf<testing.CaptureOptions | undefined>()
expectTypeOf<testing.CapturedRun<number>>().toExtend<testing.Captured>()
expectTypeOf(testing.capturedOf(new Error('no'))).toEqualTypeOf<testing.Captured | undefined>()
// @ts-expect-error -- a level that there is not
void testing.capture(() => 1, { level: 'loud' })

const logged = client.withLogs(fetch, { streams: 'https://api.example/.tracelog/v1' })
expectTypeOf(logged).parameters.toEqualTypeOf<Parameters<typeof fetch>>()
expectTypeOf(logged('https://api.example/')).resolves.toEqualTypeOf<client.LoggedCall<Response>>()
expectTypeOf<client.LogStream>().toExtend<AsyncIterable<client.LogEvent> & AsyncDisposable>()
expectTypeOf<client.LogStream['ended']>().resolves.toEqualTypeOf<client.LogStreamStatus>()
expectTypeOf<Extract<client.LogEvent, { type: 'log' }>['line']>().toEqualTypeOf<client.FlatLine>()
// @ts-expect-error -- no fetch
void client.withLogs(1, { streams: '' })
