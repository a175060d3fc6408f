/**
 * Does a record get from here into the store and back? Endpoint, a test record over OTLP, and the way back through the API.
 */
import { otherProtocolAt } from '../../export/transports/other-protocol.ts'
import type { LayeredEnv } from '../../config/layers.ts'
import type { LogSource } from '../../sources/log-source.ts'
import type { Invocation } from '../command.ts'
import { findBackend, type FoundBackend } from '../find-backend.ts'
import type { Check } from './check.ts'
import { checkPipeline } from './pipeline.ts'
import { newTraceId, readEndpoint, sendTestRecord, type ReadEndpoint, type TestSent } from './endpoint.ts'

/** So long may a record take from its acknowledgement to an answer of the API. Milliseconds. */
const READ_BACK_MILLIS = 5_000
const POLL_MILLIS = 50

/** An endpoint that was sent a test record. */
export interface AskedEndpoint extends TestSent, Pick<ReadEndpoint, 'description' | 'running'> {
  readonly found: ReturnType<typeof lookForBackend>
  readonly traceId: string
}

/** @param layered  what the application would read */
export async function askEndpoint(invocation: Invocation, layered: LayeredEnv): Promise<AskedEndpoint> {
  const found = lookForBackend(invocation)
  const { endpoint, description, running } = readEndpoint(layered, found.backend)
  const traceId = newTraceId()
  return { found, traceId, description, running, ...(await sendTestRecord(endpoint, traceId)) }
}

/** @yields whether the endpoint took the record, and whether the backend shows it */
export async function* checkDelivery(invocation: Invocation, asked: AskedEndpoint): AsyncGenerator<Check> {
  const { found, traceId, description, running, failure } = asked
  const { backend, reason } = found
  if (failure !== undefined) {
    yield {
      name: 'endpoint',
      status: 'fail',
      message: `${description} does not take records: ${failure}`,
      hint: otherProtocolAt(failure) ?? 'Start a backend with `npx tracelog dev`, or set OTEL_EXPORTER_OTLP_ENDPOINT.',
    }
    return
  }
  yield { name: 'endpoint', status: 'ok', message: `${description} took a test record` }
  yield await checkPipeline({ io: invocation.io, endpoint: running })
  yield backend === undefined
    ? { name: 'read back', status: 'note', message: `not tried: ${reason ?? 'no backend'}` }
    : await readBack(backend, traceId)
}

function lookForBackend(invocation: Invocation): { backend?: FoundBackend; reason?: string } {
  try {
    return { backend: findBackend(invocation) }
  } catch (error) {
    return { reason: (error as Error).message }
  }
}

async function readBack(backend: FoundBackend, traceId: string): Promise<Check> {
  const { createLocalSource } = await import('../../sources/local.ts')
  const source = createLocalSource(backend.address)
  const started = performance.now()
  try {
    while (performance.now() - started < READ_BACK_MILLIS) {
      if (await isStored(source, traceId)) {
        const took = Math.round(performance.now() - started)
        return {
          name: 'read back',
          status: 'ok',
          message: `the test record was read back from ${backend.address.api} after ${took} ms`,
        }
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
    }
  } catch (error) {
    return { name: 'read back', status: 'fail', message: (error as Error).message, ...hintOf(error) }
  }
  return {
    name: 'read back',
    status: 'fail',
    message: `the test record was taken, but ${backend.address.api} does not show it within ${READ_BACK_MILLIS / 1_000} s`,
    hint: 'Does the endpoint belong to another backend? Unset OTEL_EXPORTER_OTLP_ENDPOINT, or name the backend with --backend.',
  }
}

async function isStored(source: LogSource, traceId: string): Promise<boolean> {
  const { logs } = await source.logs({ text: `trace:${traceId}`, limit: 1 })
  return logs.length > 0
}

function hintOf(error: unknown): { hint?: string } {
  const { hint } = error as { hint?: unknown }
  return typeof hint === 'string' ? { hint } : {}
}
