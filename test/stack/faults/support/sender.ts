/**
 * An OTLP/HTTP sender that keeps account: what was acknowledged (HTTP 200) is remembered by id, what was refused or cut off is
 * sent again, unchanged, until it is acknowledged, as every OTLP sender does.
 *
 * Records have `log.record.uid` and a number that grows; spans one trace id each. A batch waits for its answer, several are on
 * their way at the same time.
 */
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export interface SenderOptions {
  /** Base URL of an OTLP/HTTP receiver. */
  readonly url: string
  readonly signal: 'logs' | 'spans'
  /** service.name of all that it sends: what the reader asks for. */
  readonly service: string
  /** Records or spans. Default 500. */
  readonly perSecond?: number
  /** Records or spans of a request. Default 20. */
  readonly batch?: number
  /** Characters of a record's body beside its number. Default 200. */
  readonly bodyLength?: number
}

export interface Sender {
  /** Ids (log.record.uid, or trace ids) of all that was acknowledged so far. */
  readonly acknowledged: ReadonlySet<string>
  /** Requests that got no 200, by status or error code. Each was sent again. */
  readonly refusals: ReadonlyMap<string, number>
  /** Resolves when `count` more are acknowledged than at the call. */
  acknowledges(count: number): Promise<void>
  /** Sends nothing new; resolves when all that was sent is acknowledged. */
  finish(): Promise<void>
  /** Sends nothing any more: what is not acknowledged stays so. */
  abandon(): Promise<void>
}

const MAX_IN_FLIGHT = 8
const RETRY_MILLIS = 200
const POLL_MILLIS = 20

export function startSender(options: SenderOptions): Sender {
  const { perSecond = 500, batch = 20 } = options
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT })
  const acknowledged = new Set<string>()
  const refusals = new Map<string, number>()
  const started = performance.now()
  const state = { made: 0, isMaking: true, isAbandoned: false }

  const sendUntilAcknowledged = async (): Promise<void> => {
    const { ids, body } = makeRequest(options, state.made, batch)
    state.made += batch
    while (!state.isAbandoned) {
      const answer = await post(agent, options, body)
      if (answer === '200') {
        for (const id of ids) acknowledged.add(id)
        return
      }
      refusals.set(answer, (refusals.get(answer) ?? 0) + 1)
      await delay(RETRY_MILLIS)
    }
  }
  const lane = async (): Promise<void> => {
    while (state.isMaking) {
      // What an outage held up is not made up for: the rate is a limit.
      if (state.made < ((performance.now() - started) / 1_000) * perSecond) await sendUntilAcknowledged()
      else await delay(POLL_MILLIS)
    }
  }
  const lanes = Promise.all(Array.from({ length: MAX_IN_FLIGHT }, lane))
  const finish = async (): Promise<void> => {
    state.isMaking = false
    await lanes
    agent.destroy()
  }
  return {
    acknowledged,
    refusals,
    async acknowledges(count) {
      const wanted = acknowledged.size + count
      while (acknowledged.size < wanted) await delay(POLL_MILLIS)
    },
    finish,
    async abandon() {
      state.isAbandoned = true
      await finish()
    },
  }
}

/** @returns the status, or the error's code */
function post(agent: Agent, { url, signal }: SenderOptions, body: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const path = signal === 'logs' ? '/v1/logs' : '/v1/traces'
    const sent = request(new URL(path, url), { agent, method: 'POST', headers, timeout: 20_000 }, (response) => {
      response.resume()
      response.once('end', () => resolve(String(response.statusCode)))
      response.once('error', () => resolve('cut'))
    })
    sent.once('timeout', () => sent.destroy(new Error('timeout')))
    sent.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    sent.end(body)
  })
}

interface OtlpRequest {
  readonly ids: readonly string[]
  readonly body: string
}

function makeRequest(options: SenderOptions, first: number, count: number): OtlpRequest {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: options.service } }] }
  const numbers = Array.from({ length: count }, (_, index) => first + index)
  if (options.signal === 'spans') {
    const spans = numbers.map((number) => makeSpan(number))
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
    return { ids: spans.map(({ traceId }) => traceId), body }
  }
  const ids = numbers.map((number) => `${options.service}-${number}`)
  const logRecords = numbers.map((number, index) => makeRecord(number, ids[index]!, options.bodyLength ?? 200))
  return { ids, body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }) }
}

/** Each a nanosecond of its own, so that a reader can go on after the last one it has seen. */
function timeUnixNano(number: number): string {
  return String(BigInt(Date.now()) * 1_000_000n + BigInt(number % 1_000_000))
}

function makeRecord(number: number, uid: string, bodyLength: number): object {
  return {
    timeUnixNano: timeUnixNano(number),
    severityNumber: 9,
    severityText: 'INFO',
    // Random: a compressed queue is as large as it would be with lines that differ.
    body: { stringValue: `${number} ${randomBytes(Math.ceil(bodyLength / 2)).toString('hex')}` },
    attributes: [{ key: 'log.record.uid', value: { stringValue: uid } }],
  }
}

function makeSpan(number: number): { readonly traceId: string } {
  const start = timeUnixNano(number)
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: `span ${number}`,
    kind: 2,
    startTimeUnixNano: start,
    endTimeUnixNano: String(BigInt(start) + 1_000_000n),
  }
  return span
}
