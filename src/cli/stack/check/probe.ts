/**
 * One HTTP request from outside, with the time that each step took: name, connection, TLS, answer.
 *
 * Not fetch: it takes no authority for a certificate, and it does not say which step failed. A failure is a value here,
 * never thrown: explain.ts turns it into words.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'

export interface ProbeTls {
  /** PEM. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface ProbeRequest {
  readonly url: string
  /** Sent by POST as JSON; GET without. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly tls?: ProbeTls
  /** For all steps together. Milliseconds; default 5_000. */
  readonly limitMillis?: number
}

/** Since the request began. Milliseconds; `undefined` where there was no such step, or it was not reached. */
export interface ProbeSteps {
  readonly connected?: number
  readonly secured?: number
  readonly answered?: number
}

export interface ProbeAnswer {
  readonly status: number
  readonly body: string
  readonly steps: ProbeSteps
  readonly failure?: undefined
}

export interface ProbeFailure {
  /** Of Node (`ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`), or `TIMEOUT`. */
  readonly failure: string
  readonly message: string
  readonly steps: ProbeSteps
}

export type ProbeResult = ProbeAnswer | ProbeFailure

const DEFAULT_LIMIT_MILLIS = 5_000

/** Never rejects. */
export async function probe(options: ProbeRequest): Promise<ProbeResult> {
  const { limitMillis = DEFAULT_LIMIT_MILLIS } = options
  const started = performance.now()
  const steps: { -readonly [K in keyof ProbeSteps]: ProbeSteps[K] } = {}
  const mark = (step: keyof ProbeSteps) => () => void (steps[step] ??= performance.now() - started)
  const signal = AbortSignal.timeout(limitMillis)
  try {
    const response = await send(options, signal, mark)
    mark('answered')()
    return { status: response.statusCode ?? 0, body: await text(response), steps }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return signal.aborted ? { failure: 'TIMEOUT', message, steps } : { failure: code ?? 'UNKNOWN', message, steps }
  }
}

type Mark = (step: keyof ProbeSteps) => () => void

function send({ url, body, headers, tls }: ProbeRequest, signal: AbortSignal, mark: Mark): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const begin = url.startsWith('https:') ? httpsRequest : httpRequest
    const request = begin(url, {
      method: payload === undefined ? 'GET' : 'POST',
      headers: {
        ...(payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        ...headers,
      },
      // Each request pays for its own connection: what is measured is what a new sender would see.
      agent: false,
      signal,
      ...tls,
    })
    request.on('socket', (socket) => {
      socket.once('connect', mark('connected'))
      socket.once('secureConnect', mark('secured'))
    })
    request.on('response', resolve)
    request.on('error', reject)
    request.end(payload)
  })
}

/** `connected after 1 ms, TLS after 4 ms, answered after 6 ms`. */
export function stepsText({ connected, secured, answered }: ProbeSteps): string {
  return [
    ...(connected === undefined ? [] : [`connected after ${millis(connected)}`]),
    ...(secured === undefined ? [] : [`TLS after ${millis(secured)}`]),
    ...(answered === undefined ? [] : [`answered after ${millis(answered)}`]),
  ].join(', ')
}

/** `4 ms`, `1.3 s`. */
export function millis(value: number): string {
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`
}
