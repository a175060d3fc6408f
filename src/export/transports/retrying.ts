/**
 * Tries a request again when nobody answered: a transport around one that tries once.
 *
 * Between two tries lie 100 ms at least; what the destination asks for (Retry-After, RetryInfo) is kept to, by all requests to it.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import type { Answer } from './answer.ts'
import { delayMillis, MIN_DELAY_MILLIS } from './retry-policy.ts'
import { createSleeper, type Sleeper } from './sleeper.ts'
import type { ExportRequest, Transport } from './transport.ts'

export interface RetryOptions {
  /** Tries of one request, the first one included. */
  readonly tries: number
  /** Wall time of one try. Milliseconds. */
  readonly timeoutMillis: number
}

export function retrying(transport: Transport, options: RetryOptions): Transport {
  return new Retrying(transport, options)
}

class Retrying implements Transport {
  readonly #transport: Transport
  readonly #options: RetryOptions
  readonly #sleepers = new Set<Sleeper>()
  #noTryAfterMillis = Infinity
  /** No request before, and the answer that asked for it. */
  #pause: { readonly untilMillis: number; readonly asked: Answer } | undefined

  constructor(transport: Transport, options: RetryOptions) {
    this.#transport = transport
    this.#options = options
  }

  /** @param deadlineMillis  of all tries together */
  async send(request: ExportRequest, deadlineMillis: number): Promise<Answer> {
    for (let failures = 1; ; failures++) {
      const refused = await this.#waitForPause(deadlineMillis)
      if (refused !== undefined) return refused
      const answer = await this.#transport.send(request, this.#endOfTry(deadlineMillis))
      if (answer.kind !== 'unreachable') return answer
      this.#note(answer)
      if (failures >= this.#options.tries) return answer
      const pause = answer.retryAfterMillis ?? delayMillis(failures, Math.random())
      // Nobody is kept waiting for a try that would come too late.
      if (monotonicMillis() + pause > deadlineMillis) return answer
      await this.#sleep(pause)
      if (this.#isOver(deadlineMillis)) return answer
    }
  }

  hurry(millis: number): void {
    this.#noTryAfterMillis = monotonicMillis() + millis
    for (const sleeper of this.#sleepers) sleeper.shorten()
    this.#transport.hurry(millis)
  }

  stop(): void {
    this.#noTryAfterMillis = -Infinity
    this.#transport.stop()
    for (const sleeper of this.#sleepers) sleeper.wake()
  }

  #endOfTry(deadlineMillis: number): number {
    return Math.min(deadlineMillis, monotonicMillis() + this.#options.timeoutMillis)
  }

  #note(answer: Answer & { readonly kind: 'unreachable' }): void {
    if (answer.retryAfterMillis === undefined) return
    const untilMillis = monotonicMillis() + answer.retryAfterMillis
    if (untilMillis > (this.#pause?.untilMillis ?? 0)) this.#pause = { untilMillis, asked: answer }
  }

  /** @returns the answer that asked for a pause, when there is no time for a try behind it */
  async #waitForPause(deadlineMillis: number): Promise<Answer | undefined> {
    const pause = this.#pause
    const millis = (pause?.untilMillis ?? 0) - monotonicMillis()
    // Whoever is in a hurry waits between its own tries only.
    if (pause === undefined || millis <= 0 || this.#noTryAfterMillis !== Infinity) return undefined
    await this.#sleep(millis)
    return this.#isOver(deadlineMillis) ? pause.asked : undefined
  }

  #isOver(deadlineMillis: number): boolean {
    return monotonicMillis() > Math.min(this.#noTryAfterMillis, deadlineMillis)
  }

  #sleep(millis: number): Promise<void> {
    const sleeper = createSleeper(this.#noTryAfterMillis === Infinity ? millis : Math.min(millis, MIN_DELAY_MILLIS))
    this.#sleepers.add(sleeper)
    return sleeper.awake.finally(() => this.#sleepers.delete(sleeper))
  }
}
