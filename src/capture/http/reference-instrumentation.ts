/**
 * The entry of dist/http-reference.cjs: `@opentelemetry/instrumentation-http`, which only the engine `otel` loads.
 *
 * A bundle of its own, because every application pays for what stands in the engine's.
 */
export { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
