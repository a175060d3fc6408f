/**
 * The instrumentations that make a request's hops visible: HTTP in and out, fetch, the route, the caches.
 */
import { severityOfLevelName, SEVERITY_INFO, SEVERITY_OFF } from '../model/severity.ts'
import type { TracelogTracerProvider } from '../record/tracer-provider.ts'
import { createCacheInstrumentations } from './cache/cache-libraries.ts'
import type { CacheOptions } from './cache/cache-options.ts'
import { CACHE_SCOPE } from './cache/cache-options.ts'
import { CacheTemplates } from './cache/cache-template.ts'
import { createLruCacheHook } from './cache/lru-cache.ts'
import { createRedisInstrumentation, IOREDIS, NODE_REDIS } from './cache/redis.ts'
import { createChildProcessInstrumentation } from './child-process.ts'
import { createDatabaseInstrumentations } from './database/database-instrumentations.ts'
import { createExpressHook, type ExpressFile } from './express.ts'
import { createFetchInstrumentation } from './fetch.ts'
import { createGrpcHook, type GrpcFile } from './grpc/grpc-js.ts'
import { ClientTemplates } from './http/client-template.ts'
import { createHttp2ClientInstrumentation } from './http/http2-client-instrumentation.ts'
import { createHttpInstrumentation } from './http/http-instrumentation.ts'
import { HTTP_SCOPE, type HopOptions } from './hop/hop-options.ts'
import { createOtelEngine } from './http/otel-engine.ts'
import type { Instrumentation } from './instrumentation.ts'
import { createMessagingInstrumentations } from './messaging/messaging-libraries.ts'
import { MESSAGING_SCOPE } from './messaging/messaging-options.ts'
import { libraryInstrumentation } from './library-instrumentation.ts'
import { createFrameworkInstrumentations } from './routes/frameworks.ts'

/** The settings of all hops, in the words of the configuration. */
export interface HopInstrumentationOptions extends Omit<HopOptions, 'tracer'> {
  readonly tracerProvider: TracelogTracerProvider
  /** Default `channels`. */
  readonly httpEngine?: 'channels' | 'otel'
  /** File of the bundle that the engine `otel` loads, and nothing else does. */
  readonly httpReferencePath: string
  /** Level name of a look-up's completion record. Default `info`. */
  readonly cacheLevel?: string
  /** Default `slow`. */
  readonly cacheSpans?: 'all' | 'slow' | 'off'
  /** Default `off`. */
  readonly cacheKeys?: 'off' | 'pattern'
}

/** express 4 has its router in itself. */
const EXPRESS_FILES: readonly ExpressFile[] = [
  { package: 'router', file: 'lib/layer.js', method: 'handleRequest' },
  { package: 'router', file: 'lib/route.js' },
  { package: 'router', file: 'lib/tracing.js' },
  { package: 'express', file: 'lib/router/layer.js', method: 'handle_request' },
  { package: 'express', file: 'lib/router/route.js' },
]

/** Its calls first: the main file loads them. */
const GRPC_JS_FILES: readonly GrpcFile[] = [
  { package: '@grpc/grpc-js', file: 'build/src/resolving-call.js' },
  { package: '@grpc/grpc-js', file: 'build/src/index.js', isMain: true },
]

/** In the order in which they are to be enabled. */
export function createHopInstrumentations(options: HopInstrumentationOptions): readonly Instrumentation[] {
  const hop = hopOptionsOf(options)
  const cache = cacheOptionsOf(options)
  const { tracerProvider, httpEngine, httpReferencePath: referencePath } = options
  return [
    createHttpInstrumentation(
      httpEngine === 'otel'
        ? { ...hop, createEngine: (each) => createOtelEngine(each, { tracerProvider, referencePath }) }
        : hop,
    ),
    createHttp2ClientInstrumentation(hop),
    createFetchInstrumentation(hop),
    libraryInstrumentation({ name: 'express', files: EXPRESS_FILES, open: createExpressHook }),
    ...createFrameworkInstrumentations(),
    libraryInstrumentation({ name: 'grpc', files: GRPC_JS_FILES, open: () => createGrpcHook(hop) }),
    createChildProcessInstrumentation(hop),
    createRedisInstrumentation(NODE_REDIS, cache),
    createRedisInstrumentation(IOREDIS, cache),
    libraryInstrumentation({ name: 'lru-cache', channels: ['lru-cache:metrics'], open: createLruCacheHook }),
    ...createCacheInstrumentations(cache, options.storage),
    ...createMessagingInstrumentations({ ...hop, tracer: tracerProvider.getTracer(MESSAGING_SCOPE.name) }),
    ...createDatabaseInstrumentations(options),
  ]
}

/** What HTTP hops are told. */
export function hopOptionsOf(options: HopInstrumentationOptions): HopOptions {
  const tracer = options.tracerProvider.getTracer(HTTP_SCOPE.name)
  let templates: { readonly made: ClientTemplates | undefined } | undefined
  const clientTemplates = () => (templates ??= { made: ClientTemplates.for(options.encoded, HTTP_SCOPE) }).made
  return { ...options, tracer, clientTemplates }
}

/** What `cached()` of the public API is told too. */
export function cacheOptionsOf(options: HopInstrumentationOptions): CacheOptions {
  const { tracerProvider, records, encoded, cacheLevel = 'info', cacheSpans = 'slow', cacheKeys = 'off' } = options
  const recordSeverity = cacheLevel === 'off' ? SEVERITY_OFF : (severityOfLevelName(cacheLevel) ?? SEVERITY_INFO)
  let templates: { readonly made: CacheTemplates | undefined } | undefined
  return {
    tracer: tracerProvider.getTracer(CACHE_SCOPE.name),
    records,
    templates: () =>
      (templates ??= { made: CacheTemplates.for(encoded, { scope: CACHE_SCOPE, recordSeverity, keys: cacheKeys }) })
        .made,
    recordSeverity,
    spans: cacheSpans,
    keys: cacheKeys,
  }
}
