/**
 * One open `GET <OTLP base>/v1/tracelog/wanted`: from the request to its end, whoever ends it.
 *
 * Keeps no process alive, follows no redirect, waits for nothing longer than it has to: an answer within 10 s, and then a sign of life
 * every minute. Only an answer of a backend of ours is read.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

import { monotonicMillis } from '../../diag/clock.ts'
import { guarded } from '../../diag/guarded.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import { BACKEND_HEADER, BACKEND_VERSION, WANTED_TYPE } from '../../model/wanted-traces.ts'
import type { OtlpEndpoint } from '../otlp-endpoint.ts'
import { requestTarget } from '../transports/request-target.ts'
import { tlsOptions } from '../transports/tls-files.ts'
import { WantedLines } from './wanted-lines.ts'

/** Milliseconds. */
const ANSWER_MILLIS = 10_000
/** Ours comments every 15 s. Milliseconds. */
const SILENCE_MILLIS = 60_000

export interface WantedStreamOptions {
  /** Complete. */
  readonly url: string
  readonly endpoint: Pick<OtlpEndpoint, 'headers' | 'certificateFile' | 'clientKeyFile' | 'clientCertificateFile'>
  readonly userAgent: string
  readonly onOpen: () => void
  readonly onTraces: (traceIds: readonly string[], dropped: number) => void
  /** Once. `isHostile`: it is no backend of ours, or sends more than one does. */
  readonly onEnd: (isHostile: boolean) => void
  /** Default 10,000 and 60,000. */
  readonly answerMillis?: number
  readonly silenceMillis?: number
}

/** @returns gives it up, without `onEnd` */
export function openWantedStream(options: WantedStreamOptions): () => void {
  const stream = new WantedStream(options)
  return () => stream.stop()
}

class WantedStream {
  readonly #options: WantedStreamOptions
  readonly #lines = new WantedLines(monotonicMillis)
  readonly #request: ClientRequest
  #timer: NodeJS.Timeout
  #isEnded = false

  constructor(options: WantedStreamOptions) {
    this.#options = options
    const { url, endpoint, userAgent, answerMillis = ANSWER_MILLIS } = options
    const http = process.getBuiltinModule(
      url.startsWith('https:') ? 'node:https' : 'node:http',
    ) as typeof import('node:http')
    const headers = { ...endpoint.headers, 'user-agent': userAgent, accept: WANTED_TYPE }
    this.#request = http.request({ ...requestTarget(url), ...tlsOptions(endpoint), agent: false, headers })
    this.#timer = this.#endAfter(answerMillis)
    this.#request.once(
      'socket',
      guarded('a socket of ours', (socket: Socket) => void socket.unref()),
    )
    this.#request.once(
      'response',
      guarded('an answer to us', (response: IncomingMessage) => this.#answered(response)),
    )
    this.#request.on(
      'error',
      guarded('a failed request of ours', () => this.#end(false)),
    )
    this.#request.end()
  }

  stop(): void {
    this.#isEnded = true
    stopTimer(this.#timer)
    this.#request.destroy()
  }

  #answered(response: IncomingMessage): void {
    const { statusCode, headers } = response
    const end = guarded('the end of an answer to us', () => this.#end(false))
    response.on('error', end)
    response.on('close', end)
    const isOurs = headers[BACKEND_HEADER] === BACKEND_VERSION
    if (!isOurs || statusCode !== 200 || headers['content-type'] !== WANTED_TYPE) {
      // Too many already, or it stops: it is ours all the same.
      this.#end(!isOurs)
      return
    }
    this.#alive()
    this.#options.onOpen()
    response.on(
      'data',
      guarded('an answer to us', (chunk: Buffer) => this.#read(chunk)),
    )
  }

  #read(chunk: Buffer): void {
    if (this.#isEnded) return
    this.#alive()
    const before = this.#lines.dropped
    const traceIds = this.#lines.read(chunk)
    const dropped = this.#lines.dropped - before
    if (traceIds.length > 0 || dropped > 0) this.#options.onTraces(traceIds, dropped)
    if (this.#lines.isOver) this.#end(true)
  }

  #alive(): void {
    stopTimer(this.#timer)
    this.#timer = this.#endAfter(this.#options.silenceMillis ?? SILENCE_MILLIS)
  }

  #endAfter(millis: number): NodeJS.Timeout {
    const timer = startTimer(() => this.#end(false), millis)
    timer.unref()
    return timer
  }

  #end(isHostile: boolean): void {
    if (this.#isEnded) return
    this.stop()
    this.#options.onEnd(isHostile)
  }
}
