// The leanest set-up by hand of OpenTelemetry's SDK: server, client and redis spans, winston's lines as records with their ids.
// The instrumentations of express and winston are left out: they cost more, and the latter sends nothing to SDK 3.
const { createRequire } = require('node:module')
const { context, propagation, trace } = require('@opentelemetry/api')
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
const { W3CTraceContextPropagator } = require('@opentelemetry/core')
const { OTLPLogExporter } = require('@opentelemetry/exporter-logs-otlp-proto')
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto')
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { IORedisInstrumentation } = require('@opentelemetry/instrumentation-ioredis')
const { resourceFromAttributes } = require('@opentelemetry/resources')
const { BatchLogRecordProcessor, LoggerProvider } = require('@opentelemetry/sdk-logs')
const { BatchSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace')

const resource = resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME })
const tracerProvider = new TracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())
trace.setGlobalTracerProvider(tracerProvider)
registerInstrumentations({
  tracerProvider,
  instrumentations: [new HttpInstrumentation(), new IORedisInstrumentation()],
})

const loggerProvider = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
})
const logger = loggerProvider.getLogger('winston')
const SEVERITY = { error: 17, warn: 13, info: 9, http: 9, verbose: 5, debug: 5, silly: 1 }

/** Each call of a logger as a record, and the ids of its span as fields of its line. */
function hook({ Logger }) {
  const { write } = Logger.prototype
  Logger.prototype.write = function (info, ...rest) {
    const { level, message, ...attributes } = info
    logger.emit({ severityNumber: SEVERITY[level], severityText: level, body: message, attributes })
    const span = trace.getActiveSpan()?.spanContext()
    if (span !== undefined) {
      info.trace_id = span.traceId
      info.span_id = span.spanId
      info.trace_flags = `0${span.traceFlags.toString(16)}`
    }
    return write.call(this, info, ...rest)
  }
}
try {
  hook(createRequire(process.argv[1])('winston'))
} catch {
  // The program has no winston.
}
