/**
 * OTLP/HTTP: one try of one request, from the connection to the last byte of the answer.
 *
 * Runs in the export worker, where nothing is instrumented, or in the main thread when there can be no worker. Redirects are not
 * followed. Encoding, compression and certificates are arguments.
 */
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'

import { monotonicMillis, wallMillis } from '../../diag/clock.ts'
import { guarded } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import { readAnswer, type AnswerBody } from './answer-body.ts'
import type { Answer } from './answer.ts'
import type { Compression } from './compression.ts'
import { JSON_ENCODING, type Encoding } from './encoding.ts'
import { readPartialSuccess } from './partial-success.ts'
import { isRetryableStatus, parseRetryAfter } from './retry-policy.ts'
import { requestTarget } from './request-target.ts'
import { tlsOptions, type TlsFiles } from './tls-files.ts'
import { MAX_IN_FLIGHT, type ExportRequest, type Transport } from './transport.ts'

/** How long the rest of an answer is waited for once its status is known: it says no more than what was refused. Milliseconds. */
const BODY_MILLIS = 500

export interface HttpOptions {
  /** Complete, with the signal's path. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly userAgent: string
  readonly encoding: Encoding
  readonly compression: Compression
  readonly tls: TlsFiles
  /** Sees the head of each answer. */
  readonly onHead?: AnswerHead | undefined
}

/** MUST NOT throw. */
export type AnswerHead = (headers: IncomingHttpHeaders) => void

export function createHttpTransport(options: HttpOptions): Transport {
  return new HttpTransport(options)
}

class HttpTransport implements Transport {
  readonly #options: HttpOptions
  readonly #http: typeof import('node:http')
  #agent: Agent | undefined
  #requestOptions: RequestOptions | undefined
  readonly #running = new Set<ClientRequest>()
  /** A request that is tried again is encoded once. Those that are sent as they are do not stand here. */
  readonly #bodies = new WeakMap<ExportRequest, Uint8Array>()

  constructor(options: HttpOptions) {
    this.#options = options
    this.#http = process.getBuiltinModule(
      options.url.startsWith('https:') ? 'node:https' : 'node:http',
    ) as typeof import('node:http')
  }

  async send(request: ExportRequest, deadlineMillis: number): Promise<Answer> {
    try {
      return await this.#try(request, deadlineMillis)
    } catch (error) {
      // A certificate that cannot be read, a body that cannot be encoded: no try will ever get further.
      const { code, message } = error as NodeJS.ErrnoException
      return { kind: 'rejected', reason: code ?? message }
    }
  }

  hurry(): void {
    // One try has no waits.
  }

  stop(): void {
    for (const request of this.#running) request.destroy()
    this.#agent?.destroy()
  }

  #bodyOf(request: ExportRequest): Uint8Array {
    const known = this.#bodies.get(request)
    if (known !== undefined) return known
    const body = this.#options.compression.compress(this.#options.encoding.encode(request))
    if (body !== request.bytes) this.#bodies.set(request, body)
    return body
  }

  #try(asked: ExportRequest, deadlineMillis: number): Promise<Answer> {
    const body = this.#bodyOf(asked)
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const request = this.#open(body.byteLength)
    this.#running.add(request)
    // Where there is no worker the connection must not hold the application's process.
    request.once(
      'socket',
      guarded('a socket of ours', (socket: Socket) => void socket.unref()),
    )
    const left = Math.max(0, deadlineMillis - monotonicMillis())
    const timer = startTimer(() => {
      resolve({ kind: 'unreachable', reason: `no answer within ${Math.round(left)} ms` })
      request.destroy()
    }, left)
    timer.unref()
    request.once(
      'response',
      guarded('an answer to us', (response: IncomingMessage) => {
        this.#options.onHead?.(response.headers)
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
      // Who answers before all has arrived is still being sent the rest; so is, for a moment, a connection that was given up.
      asked.isReleased = asked.isReleased !== false && (body !== asked.bytes || request.writableFinished)
      stopTimer(timer)
      this.#running.delete(request)
    })
  }

  #open(contentLength: number): ClientRequest {
    const { url, headers, userAgent, encoding, compression, tls } = this.#options
    this.#agent ??= new this.#http.Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT, ...tlsOptions(tls) })
    this.#requestOptions ??= { method: 'POST', agent: this.#agent, ...requestTarget(url) }
    return this.#http.request({
      ...this.#requestOptions,
      headers: {
        ...headers,
        'user-agent': userAgent,
        'content-type': encoding.contentType,
        'content-length': contentLength,
        ...(compression.name === undefined ? undefined : { 'content-encoding': compression.name }),
      },
    })
  }

  #judge({ statusCode: status = 0, headers }: IncomingMessage, body: AnswerBody): Answer {
    // Cut off after a good status line: it was taken. Sending it again would make a duplicate of every record.
    if (status >= 200 && status <= 299) return this.#judgeTaken(headers, body)
    const reason = `HTTP ${status}`
    if (status === 413) return { kind: 'too_large', reason }
    if (!isRetryableStatus(status)) return { kind: 'rejected', reason }
    const millis = parseRetryAfter(headers['retry-after'], wallMillis())
    return { kind: 'unreachable', reason, ...(millis === undefined ? {} : { retryAfterMillis: millis }) }
  }

  #judgeTaken({ 'content-type': type = '' }: IncomingHttpHeaders, { bytes, isWhole }: AnswerBody): Answer {
    if (!isWhole) return { kind: 'delivered' }
    // Some answer a protobuf request with JSON.
    const { readPartial } = type.startsWith(JSON_ENCODING.contentType) ? JSON_ENCODING : this.#options.encoding
    const partial = readPartialSuccess(bytes, readPartial)
    if (partial === 'unreadable') return { kind: 'delivered', remark: type === '' ? 'no content-type' : type }
    return partial === undefined ? { kind: 'delivered' } : { kind: 'partial', ...partial }
  }
}
