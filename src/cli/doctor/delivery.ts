/**
 * Does a record get from here into the store and back? Endpoint, a test record over OTLP, and the way back through the API.
 */
import { randomBytes } from 'node:crypto'

import { readText, type Env } from '../../config/env.ts'
import { withoutLogin } from '../../config/http-url.ts'
import type { LogSource } from '../../sources/log-source.ts'
import type { Invocation } from '../command.ts'
import { findBackend, type FoundBackend } from '../find-backend.ts'
import { packageVersion } from '../package-info.ts'
import type { Check } from './check.ts'

/** Source: OTLP, the default endpoint of OTLP/HTTP. */
const DEFAULT_ENDPOINT = 'http://127.0.0.1:4318'
const SEND_MILLIS = 5_000
/** So long may a record take from its acknowledgement to an answer of the API. Milliseconds. */
const READ_BACK_MILLIS = 5_000
const POLL_MILLIS = 50

/** @yields whether the endpoint takes a record, and whether the backend shows it */
export async function* checkDelivery(invocation: Invocation): AsyncGenerator<Check> {
  const { env } = invocation.io
  const { backend, reason } = lookForBackend(invocation)
  const endpoint = endpointOf(env, backend)
  const traceId = randomBytes(16).toString('hex')
  const failure = await send(endpoint, env, traceId)
  if (failure !== undefined) {
    yield {
      name: 'endpoint',
      status: 'fail',
      message: `${withoutLogin(endpoint.url)} (${endpoint.source}) does not take records: ${failure}`,
      hint: 'Start a backend with `npx tracelog dev`, or set OTEL_EXPORTER_OTLP_ENDPOINT.',
    }
    return
  }
  yield {
    name: 'endpoint',
    status: 'ok',
    message: `${withoutLogin(endpoint.url)} (${endpoint.source}) took a test record`,
  }
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

interface Endpoint {
  readonly url: string
  /** Where it was read. */
  readonly source: string
}

/** The same order as the preload's: the signal's own variable, the common one, the running backend, the standard's default. */
function endpointOf(env: Env, backend: FoundBackend | undefined): Endpoint {
  const own = readText(env, 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT')
  if (own !== undefined) return { url: own, source: 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT' }
  const common = readText(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  if (common !== undefined) return { url: logsUrl(common), source: 'OTEL_EXPORTER_OTLP_ENDPOINT' }
  if (backend?.otlpHttp !== undefined) return { url: logsUrl(backend.otlpHttp), source: 'the running backend' }
  return { url: logsUrl(DEFAULT_ENDPOINT), source: 'the default' }
}

function logsUrl(base: string): string {
  return `${base.replace(/\/$/, '')}/v1/logs`
}

/** @returns why it was not taken; `undefined` when it was */
async function send({ url }: Endpoint, env: Env, traceId: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(env) },
      body: JSON.stringify(testRequest(traceId)),
      signal: AbortSignal.timeout(SEND_MILLIS),
    })
    await response.body?.cancel()
    return response.ok ? undefined : `status ${response.status}`
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } }
    return cause?.code ?? message
  }
}

/** `OTEL_EXPORTER_OTLP_HEADERS`: `key=value` pairs, comma-separated, percent-encoded. */
function headersOf(env: Env): Record<string, string> {
  const text = readText(env, 'OTEL_EXPORTER_OTLP_HEADERS') ?? ''
  const pairs = text.split(',').filter((pair) => pair.includes('='))
  return Object.fromEntries(
    pairs.map((pair) => [
      pair.slice(0, pair.indexOf('=')).trim(),
      decodeURIComponent(pair.slice(pair.indexOf('=') + 1).trim()),
    ]),
  )
}

function testRequest(traceId: string): unknown {
  const now = String(BigInt(Date.now()) * 1_000_000n)
  return {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'tracelog-doctor' } }] },
        scopeLogs: [
          {
            scope: { name: 'tracelog-doctor', version: packageVersion() },
            logRecords: [
              {
                timeUnixNano: now,
                observedTimeUnixNano: now,
                severityNumber: 9,
                severityText: 'info',
                body: { stringValue: 'test record of tracelog doctor' },
                traceId,
                spanId: traceId.slice(0, 16),
              },
            ],
          },
        ],
      },
    ],
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
