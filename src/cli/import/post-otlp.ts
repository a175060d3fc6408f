/**
 * One request of OTLP/JSON to a receiver, again where it says that it is busy.
 */
import { TracelogError } from '../../diag/errors.ts'
import { fetchFailure } from '../../sources/fetch-failure.ts'
import { pause } from '../../sources/pause.ts'
import type { OtlpBody } from './import-batch.ts'

export interface Receiver {
  /** Its base: `http://127.0.0.1:4318`. */
  readonly endpoint: string
  readonly token: string | undefined
}

/** Milliseconds. */
const ANSWER_MILLIS = 30_000
const BUSY_MILLIS = 500
const TRIES = 60
/** Source: OTLP 1.x, "Failures". */
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** @throws TRACELOG_BACKEND_UNREACHABLE when nobody takes it; an Error that says why it was refused */
export async function postOtlp({ endpoint, token }: Receiver, { signal, body }: OtlpBody): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const text = JSON.stringify(body)
  for (let tries = 1; ; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const status = await statusOf(`${endpoint}/v1/${signal}`, headers, text)
    if (status >= 200 && status < 300) return
    if (!BUSY.has(status)) throw new Error(`the receiver refused it with status ${status}`)
    if (tries === TRIES) throw unreachable(endpoint, `it answers ${status}`)
    // oxlint-disable-next-line no-await-in-loop
    await pause(BUSY_MILLIS)
  }
}

async function statusOf(url: string, headers: Record<string, string>, body: string): Promise<number> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MILLIS)
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' })
    await response.body?.cancel()
    return response.status
  } catch (cause) {
    throw unreachable(url, fetchFailure(cause, ANSWER_MILLIS), cause)
  }
}

function unreachable(url: string, reason: string, cause?: unknown): TracelogError {
  return new TracelogError(`the receiver at ${url} does not take it: ${reason}`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: 'Start one with `npx tracelog dev`, or name another with --backend URL.',
    ...(cause === undefined ? {} : { cause }),
  })
}
