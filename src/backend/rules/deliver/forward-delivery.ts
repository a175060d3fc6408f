/**
 * What a rule sends on by OTLP/HTTP, while it is stored: one request after the other, tried again until there is no room for more.
 */
import { monotonicMillis } from '../../../diag/clock.ts'
import type { Answer } from '../../../export/transports/answer.ts'
import { createEndpointTransport } from '../../../export/transports/endpoint.ts'
import { endpointName } from '../../../export/otlp-endpoint.ts'
import { delayMillis } from '../../../export/transports/retry-policy.ts'
import { createSleeper, type Sleeper } from '../../../export/transports/sleeper.ts'
import type { Transport } from '../../../export/transports/transport.ts'
import type { Signal } from '../../../model/signal.ts'
import { rewriteRequest } from '../rewrite-request.ts'
import type { ForwardAction } from '../rule.ts'
import type { DeliveryPart } from '../shape-request.ts'
import { DeliveryLedger, type DeliveryRunner, type Say } from './delivery.ts'
import { forwarded } from './forwarded.ts'
import { PartQueue } from './part-queue.ts'

/** Of one try. Milliseconds. */
const TRY_MILLIS = 10_000
/** How long what waits may take when the backend ends. Milliseconds. */
const STOP_MILLIS = 2_000
const PATHS: Readonly<Record<Signal, string>> = { logs: 'v1/logs', spans: 'v1/traces' }

export interface ForwardOptions {
  /** Of the rule. */
  readonly name: string
  readonly action: ForwardAction
  readonly userAgent: string
  readonly say: Say
}

export function createForwardDelivery(options: ForwardOptions): DeliveryRunner {
  return new ForwardDelivery(options)
}

class ForwardDelivery implements DeliveryRunner {
  readonly #transports: Readonly<Record<Signal, Transport>>
  readonly #ledger: DeliveryLedger
  readonly #queue = new PartQueue()
  #sending: Promise<void> | undefined
  #deadlineMillis = Infinity
  /** Tries without an answer, in a row. */
  #failures = 0
  #pause: Sleeper | undefined

  constructor({ name, action, userAgent, say }: ForwardOptions) {
    this.#ledger = new DeliveryLedger(name, endpointName(action.endpoint), say)
    const transport = (signal: Signal): Transport => {
      const { endpoint, headers, compression } = action
      const url = `${endpoint.replace(/\/+$/, '')}/${PATHS[signal]}`
      const options = { url, protocol: 'http/protobuf', headers, compression, timeoutMillis: TRY_MILLIS } as const
      return createEndpointTransport(options, userAgent)
    }
    this.#transports = { logs: transport('logs'), spans: transport('spans') }
  }

  take(part: DeliveryPart): void {
    this.#ledger.waits(part.count)
    const { part: marked, looped } = forwarded(part)
    if (looped > 0) this.#ledger.lost(looped, 'it came here by three other backends: it would go round in a circle')
    if (marked.count === 0) return
    const dropped = this.#queue.push(marked)
    if (dropped > 0) this.#ledger.lost(dropped, 'more than 8 MiB wait')
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined))
  }

  counts(): ReturnType<DeliveryLedger['counts']> {
    return this.#ledger.counts()
  }

  async stop(): Promise<void> {
    this.#deadlineMillis = monotonicMillis() + STOP_MILLIS
    this.#pause?.shorten()
    await this.#sending
    for (const transport of Object.values(this.#transports)) transport.stop()
    if (this.#ledger.waiting > 0) this.#ledger.lost(this.#ledger.waiting, 'the backend ended')
  }

  async #send(): Promise<void> {
    for (let part = this.#queue.shift(); part !== undefined; part = this.#queue.shift()) {
      const { signal, bytes } = part
      const deadline = Math.min(this.#deadlineMillis, monotonicMillis() + TRY_MILLIS)
      // oxlint-disable-next-line no-await-in-loop -- one after the other: their order stays
      const answer = await this.#transports[signal].send({ signal, bytes: bytes as Uint8Array<ArrayBuffer> }, deadline)
      this.#judge(part, answer)
      if (answer.kind !== 'unreachable') this.#failures = 0
      // oxlint-disable-next-line no-await-in-loop -- likewise
      else await this.#wait(answer.retryAfterMillis ?? delayMillis(++this.#failures, Math.random()))
      if (monotonicMillis() >= this.#deadlineMillis) return
    }
  }

  /** A backend that ends waits no longer than it must. */
  async #wait(millis: number): Promise<void> {
    this.#pause = createSleeper(millis)
    if (this.#deadlineMillis !== Infinity) this.#pause.shorten()
    await this.#pause.awake
    this.#pause = undefined
  }

  #judge(part: DeliveryPart, answer: Answer): void {
    switch (answer.kind) {
      case 'delivered':
        this.#ledger.delivered(part.count)
        return
      case 'partial':
        if (answer.rejected > 0) this.#ledger.lost(Math.min(part.count, answer.rejected), answer.message)
        this.#ledger.delivered(Math.max(0, part.count - answer.rejected))
        return
      case 'too_large':
        if (part.count > 1) this.#queue.unshift(...halves(part))
        else this.#ledger.lost(part.count, answer.reason)
        return
      case 'rejected':
        this.#ledger.lost(part.count, answer.reason)
        return
      default:
        // It waits in its place; what comes meanwhile may push it out.
        this.#ledger.fails(answer.reason)
        this.#queue.unshift(part)
    }
  }
}

function halves(part: DeliveryPart): readonly DeliveryPart[] {
  const middle = part.count >> 1
  return [
    { ...part, count: middle, bytes: some(part.bytes, (index) => index < middle) },
    { ...part, count: part.count - middle, bytes: some(part.bytes, (index) => index >= middle) },
  ]
}

function some(bytes: Uint8Array, isMeant: (index: number) => boolean): Uint8Array {
  return rewriteRequest(bytes, { record: (index, record) => (isMeant(index) ? record : undefined) })
}
