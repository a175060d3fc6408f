/**
 * Where the application of this environment sends its records, as the preload reads it, and whether somebody takes one there.
 */
import { randomBytes } from 'node:crypto'

import { readText } from '../../config/env.ts'
import { withoutLogin } from '../../config/http-url.ts'
import type { LayeredEnv } from '../../config/layers.ts'
import { readOtlpEndpoint } from '../../config/otlp-config.ts'
import { createProblemCollector } from '../../config/problems.ts'
import { monotonicMillis } from '../../diag/clock.ts'
import type { OtlpEndpoint } from '../../export/otlp-endpoint.ts'
import type { Answer } from '../../export/transports/answer.ts'
import { createEndpointTransport } from '../../export/transports/endpoint.ts'
import { OtlpEncoder } from '../../model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../model/otlp-request.ts'
import { nanoOfMillis } from '../../model/time.ts'
import { BACKEND_HEADER, BACKEND_VERSION } from '../../model/wanted-traces.ts'
import type { FoundBackend } from '../find-backend.ts'
import { packageVersion } from '../package-info.ts'

const SEND_MILLIS = 5_000

export interface ReadEndpoint {
  readonly endpoint: OtlpEndpoint
  /** The running backend's base address, where nothing else is set. */
  readonly running: string | undefined
  /** Address, where that was read, and what is spoken there: for people. */
  readonly description: string
}

/** The signal's own address, the common one, the running backend, the standard's default: the same order as the preload's. */
export function readEndpoint(layered: LayeredEnv, backend: FoundBackend | undefined): ReadEndpoint {
  const { env } = layered
  const own = sourceIn(layered)
  const read = readOtlpEndpoint(env, 'logs', createProblemCollector())
  const running = read.protocol === 'grpc' ? backend?.otlpGrpc : backend?.otlpHttp
  const usesRunning = own === undefined && running !== undefined
  const endpoint = usesRunning
    ? readOtlpEndpoint({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: running }, 'logs', createProblemCollector())
    : read
  const { url, protocol, compression } = endpoint
  const source = own ?? (usesRunning ? 'the running backend' : 'the default')
  const facts = [source, protocol, ...(compression === 'none' ? [] : [compression])]
  const description = `${withoutLogin(url)} (${facts.join(', ')})`
  return { endpoint, description, running: usesRunning ? running : undefined }
}

/** The variable, or the place in a file. */
function sourceIn({ env, sourceOf }: LayeredEnv): string | undefined {
  const names = ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']
  const name = names.find((one) => readText(env, one) !== undefined)
  const source = name && sourceOf(name)
  return source === 'environment' ? name : source
}

export interface TestSent {
  /** Why it was not taken; `undefined`: it was. */
  readonly failure: string | undefined
  /** What answered says that it is `tracelog dev`, which tells of requests that fail. */
  readonly tellsOfFailures: boolean
}

export async function sendTestRecord(endpoint: OtlpEndpoint, traceId: string): Promise<TestSent> {
  let tellsOfFailures = false
  const transport = createEndpointTransport(endpoint, `tracelog-doctor/${packageVersion()}`, (headers) => {
    tellsOfFailures ||= headers[BACKEND_HEADER] === BACKEND_VERSION
  })
  // A transport does not keep the process alive; this command waits.
  const alive = setInterval(() => {}, SEND_MILLIS)
  try {
    const request = { signal: 'logs', bytes: testRequest(traceId) } as const
    const answer = await transport.send(request, monotonicMillis() + SEND_MILLIS)
    return { failure: failureOf(answer), tellsOfFailures }
  } finally {
    clearInterval(alive)
    transport.stop()
  }
}

function failureOf(answer: Answer): string | undefined {
  if (answer.kind === 'partial') return answer.message
  return answer.kind === 'delivered' ? answer.remark : answer.reason
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex')
}

function testRequest(traceId: string): Uint8Array<ArrayBuffer> {
  const timeUnixNano = nanoOfMillis(Date.now())
  const encoder = new OtlpEncoder({ chunkBytes: 4096 })
  encoder.appendLog(
    {
      timeUnixNano,
      observedTimeUnixNano: timeUnixNano,
      severityNumber: 9,
      severityText: 'info',
      eventName: '',
      body: 'test record of tracelog doctor',
      attributes: {},
      traceId,
      spanId: traceId.slice(0, 16),
      traceFlags: 0,
      droppedAttributesCount: 0,
    },
    0,
  )
  return assembleRequest([
    {
      resource: encodeResource({ attributes: { 'service.name': 'tracelog-doctor' } }),
      scopes: [
        { scope: encodeScope({ name: 'tracelog-doctor', version: packageVersion() }), records: [encoder.take()] },
      ],
    },
  ])
}
