/** What a test's endpoint has received, over whatever protocol, and how to wait for it. */
import { decodeMetrics, type ReceivedMetric } from './metrics-wire.ts'
import {
  decodeLogs,
  decodeLogsJson,
  decodeSpans,
  decodeSpansJson,
  type ReceivedLog,
  type ReceivedSpan,
} from './wire.ts'

const WAIT_MILLIS = 15_000

export interface ArrivedBody {
  readonly signal: 'logs' | 'spans' | 'metrics'
  /** Without any compression. */
  readonly body: Buffer
  readonly isJson?: boolean
  /** So many of the first records are refused. */
  readonly refuse?: number
}

export class Arrivals {
  readonly #logs: ReceivedLog[] = []
  readonly #spans: ReceivedSpan[] = []
  readonly #metrics: ReceivedMetric[] = []
  /** Not decoded yet: decoding takes longer than the product's own work, and would be measured with it. */
  readonly #undecoded: (() => void)[] = []
  readonly #watchers = new Set<() => void>()

  /** In the order of arrival. */
  get receivedLogs(): ReceivedLog[] {
    for (const decode of this.#undecoded.splice(0)) decode()
    return this.#logs
  }

  get receivedSpans(): ReceivedSpan[] {
    for (const decode of this.#undecoded.splice(0)) decode()
    return this.#spans
  }

  /** Each time that one was sent. */
  get receivedMetrics(): ReceivedMetric[] {
    for (const decode of this.#undecoded.splice(0)) decode()
    return this.#metrics
  }

  /** Resolves when at least `count` records have been accepted; rejects, saying how many, after the time-out. */
  async logs(count: number, timeoutMillis = WAIT_MILLIS): Promise<ReceivedLog[]> {
    await this.until(
      () => `${count} log records (${this.receivedLogs.length} came)`,
      () => this.receivedLogs.length >= count,
      timeoutMillis,
    )
    return this.receivedLogs
  }

  async spans(count: number, timeoutMillis = WAIT_MILLIS): Promise<ReceivedSpan[]> {
    await this.until(
      () => `${count} spans (${this.receivedSpans.length} came)`,
      () => this.receivedSpans.length >= count,
      timeoutMillis,
    )
    return this.receivedSpans
  }

  /** Resolves as soon as the condition holds; looked at after each request. */
  until(what: string | (() => string), condition: () => boolean, timeoutMillis = WAIT_MILLIS): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const watch = () => {
        if (!condition()) return
        clearTimeout(timer)
        this.#watchers.delete(watch)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#watchers.delete(watch)
        reject(new Error(`waited ${timeoutMillis} ms for ${typeof what === 'string' ? what : what()}`))
      }, timeoutMillis)
      this.#watchers.add(watch)
    })
  }

  protected keep(arrived: ArrivedBody): void {
    this.#undecoded.push(() => this.#record(arrived))
  }

  /** A request has been answered, or will never be. */
  protected looked(): void {
    for (const watch of this.#watchers) watch()
  }

  #record({ signal, body, isJson = false, refuse = 0 }: ArrivedBody): void {
    if (signal === 'logs') {
      const logs = isJson ? decodeLogsJson(body.toString()) : decodeLogs(body)
      for (const log of logs.slice(refuse)) this.#logs.push(log)
    } else if (signal === 'metrics') this.#metrics.push(...decodeMetrics(body))
    else {
      const spans = isJson ? decodeSpansJson(body.toString()) : decodeSpans(body)
      for (const span of spans.slice(refuse)) this.#spans.push(span)
    }
  }
}

/** ExportLogsServiceResponse{partial_success{rejected, error_message}}; the traces one has the same field numbers. */
export function partialSuccess({ rejected, message }: { rejected: number; message: string }): Buffer {
  const text = Buffer.from(message)
  const inner = Buffer.concat([Buffer.from([0x08, rejected, 0x12, text.length]), text])
  return Buffer.concat([Buffer.from([0x0a, inner.length]), inner])
}
