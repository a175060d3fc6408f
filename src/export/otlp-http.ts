/**
 * One OTLP/HTTP endpoint: turns a request's bytes into tries, and tries into one outcome.
 *
 * Runs in the export worker, where nothing is instrumented, or in the main thread when there can be no worker. Redirects are not
 * followed. Each try has one abort on the monotonic clock that covers it from the connection to the last byte of the answer.
 */
import { readFileSync } from 'node:fs'
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

import { monotonicMillis, wallMillis } from '../diag/clock.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'
import { guarded } from '../diag/guarded.ts'
import { readAnswer, type AnswerBody } from './answer-body.ts'
import type { OtlpEndpoint } from './otlp-endpoint.ts'
import { readPartialSuccess } from './partial-success.ts'
import { delayMillis, isRetryableStatus, MIN_DELAY_MILLIS, parseRetryAfter } from './retry-policy.ts'
import type { ExportRequest, Outcome } from './worker-protocol.ts'

/** How long the rest of an answer is waited for once its status is known: it says no more than what was refused. Milliseconds. */
const BODY_MILLIS = 500
/** Requests at the same time, and so connections. Source: spec, pipeline. */
export const MAX_IN_FLIGHT = 4

/** An outcome without its request's id. */
export type Answer = Outcome extends infer O ? (O extends Outcome ? Omit<O, 'id'> : never) : never

export interface OtlpHttpClient {
  /** Never rejects. */
  send(request: ExportRequest): Promise<Answer>
  /** Ends every wait between tries now; after `millis` no new try begins. */
  hurry(millis: number): void
  stop(): void
}

export interface OtlpHttpOptions {
  readonly endpoint: OtlpEndpoint
  readonly userAgent: string
  /** The body of the endpoint's protocol, from protobuf. */
  readonly toBody: (request: ExportRequest) => Uint8Array
}

export function createOtlpHttpClient(options: OtlpHttpOptions): OtlpHttpClient {
  return new HttpClient(options)
}

class HttpClient implements OtlpHttpClient {
  readonly #options: OtlpHttpOptions
  #http: typeof import('node:http') | undefined
  #agent: Agent | undefined
  #requestOptions: RequestOptions | undefined
  #noTryAfterMillis = Infinity
  readonly #sleepers = new Set<Sleeper>()
  readonly #running = new Set<ClientRequest>()

  constructor(options: OtlpHttpOptions) {
    this.#options = options
  }

  async send(request: ExportRequest): Promise<Answer> {
    let answer: Answer
    try {
      const body = this.#encode(request)
      for (let failures = 1; ; failures++) {
        answer = await this.#try(body)
        if (answer.kind !== 'unreachable' || failures >= request.tries) return answer
        await this.#sleep(answer.retryAfterMillis ?? delayMillis(failures, Math.random()))
        if (monotonicMillis() > this.#noTryAfterMillis) return answer
      }
    } catch (error) {
      // A certificate that cannot be read, a body that cannot be encoded: no try will ever get further.
      return { kind: 'rejected', reason: messageOf(error) }
    }
  }

  hurry(millis: number): void {
    this.#noTryAfterMillis = monotonicMillis() + millis
    for (const sleeper of this.#sleepers) sleeper.shorten()
  }

  stop(): void {
    for (const request of this.#running) request.destroy()
    for (const sleeper of this.#sleepers) sleeper.wake()
    this.#agent?.destroy()
  }

  #encode(request: ExportRequest): Uint8Array {
    const body = this.#options.toBody(request)
    return this.#options.endpoint.compression === 'gzip' ? gzipSync(body, { level: 1 }) : body
  }

  #sleep(millis: number): Promise<void> {
    const sleeper = createSleeper(this.#noTryAfterMillis === Infinity ? millis : Math.min(millis, MIN_DELAY_MILLIS))
    this.#sleepers.add(sleeper)
    return sleeper.awake.finally(() => this.#sleepers.delete(sleeper))
  }

  #try(body: Uint8Array): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const request = this.#open(body.byteLength)
    this.#running.add(request)
    // Where there is no worker the connection must not hold the application's process.
    request.once(
      'socket',
      guarded('a socket of ours', (socket: Socket) => void socket.unref()),
    )
    const timer = startTimer(() => {
      resolve({ kind: 'unreachable', reason: `no answer within ${this.#options.endpoint.timeoutMillis} ms` })
      request.destroy()
    }, this.#options.endpoint.timeoutMillis)
    timer.unref()
    request.once(
      'response',
      guarded('an answer to us', (response: IncomingMessage) => {
        void readAnswer(response, BODY_MILLIS).then((answer) => resolve(this.#judge(response, answer)))
      }),
    )
    request.once(
      'error',
      guarded('a failed request of ours', (error: NodeJS.ErrnoException) =>
        resolve({ kind: 'unreachable', reason: error.code ?? error.message }),
      ),
    )
    request.end(body)
    return promise.finally(() => {
      stopTimer(timer)
      this.#running.delete(request)
    })
  }

  #open(contentLength: number): ClientRequest {
    const { endpoint, userAgent } = this.#options
    const isTls = endpoint.url.startsWith('https:')
    this.#http ??= process.getBuiltinModule(isTls ? 'node:https' : 'node:http') as typeof import('node:http')
    this.#agent ??= new this.#http.Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT, ...tlsOptions(endpoint) })
    this.#requestOptions ??= { method: 'POST', agent: this.#agent, ...target(endpoint.url) }
    const headers = {
      ...endpoint.headers,
      'user-agent': userAgent,
      'content-type': endpoint.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
      'content-length': contentLength,
      ...(endpoint.compression === 'gzip' ? { 'content-encoding': 'gzip' } : undefined),
    }
    return this.#http.request({ ...this.#requestOptions, headers })
  }

  #judge({ statusCode: status = 0, headers }: IncomingMessage, body: AnswerBody): Answer {
    // Cut off after a good status line: it was taken. Sending it again would make a duplicate of every record.
    if (status >= 200 && status <= 299) return this.#judgeTaken(headers, body)
    if (status === 413) return { kind: 'too_large' }
    if (!isRetryableStatus(status)) return { kind: 'rejected', reason: `HTTP ${status}` }
    const millis = parseRetryAfter(headers['retry-after'], wallMillis())
    return {
      kind: 'unreachable',
      reason: `HTTP ${status}`,
      ...(millis === undefined ? {} : { retryAfterMillis: millis }),
    }
  }

  #judgeTaken({ 'content-type': type = '' }: IncomingHttpHeaders, { bytes, isWhole }: AnswerBody): Answer {
    if (!isWhole) return { kind: 'delivered' }
    // Some answer a protobuf request with JSON.
    const protocol = type.startsWith('application/json') ? 'http/json' : this.#options.endpoint.protocol
    const partial = readPartialSuccess(bytes, protocol)
    if (partial === 'unreadable') return { kind: 'delivered', remark: type === '' ? 'no content-type' : type }
    return partial === undefined ? { kind: 'delivered' } : { kind: 'partial', ...partial }
  }
}

/** A wait that can be cut short, but not below what must lie between two tries. */
interface Sleeper {
  readonly awake: Promise<void>
  shorten(): void
  wake(): void
}

function createSleeper(millis: number): Sleeper {
  const { promise, resolve } = Promise.withResolvers<void>()
  const until = monotonicMillis() + MIN_DELAY_MILLIS
  let timer = startTimer(resolve, millis)
  timer.unref()
  return {
    awake: promise,
    wake: () => {
      stopTimer(timer)
      resolve()
    },
    shorten: () => {
      stopTimer(timer)
      timer = startTimer(resolve, Math.max(0, until - monotonicMillis()))
      timer.unref()
    },
  }
}

/** Host, port and path, and basic authentication from a URL's userinfo. */
function target(text: string): RequestOptions {
  const url = new URL(text)
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    path: `${url.pathname}${url.search}`,
    ...(url.username === '' ? {} : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }),
  }
}

function tlsOptions(endpoint: OtlpEndpoint): Record<string, Buffer> {
  return {
    ...fileAs('ca', endpoint.certificateFile),
    ...fileAs('key', endpoint.clientKeyFile),
    ...fileAs('cert', endpoint.clientCertificateFile),
  }
}

function fileAs(key: string, file: string | undefined): Record<string, Buffer> {
  if (file === undefined) return {}
  try {
    return { [key]: readFileSync(file) }
  } catch (error) {
    throw new Error(`${file} cannot be read (${messageOf(error)})`, { cause: error })
  }
}

function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}
