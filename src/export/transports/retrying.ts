/**
 * Tries a request again when nobody answered: a transport around one that tries once.
 *
 * Between two tries lie 100 ms at least; what the destination asks for (Retry-After) is kept to.
 */
import { monotonicMillis } from '../../diag/clock.ts'
import { startTimer, stopTimer } from '../../diag/timers.ts'
import type { Answer } from './answer.ts'
import { delayMillis, MIN_DELAY_MILLIS } from './retry-policy.ts'
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

  constructor(transport: Transport, options: RetryOptions) {
    this.#transport = transport
    this.#options = options
  }

  /** @param deadlineMillis  of all tries together */
  async send(request: ExportRequest, deadlineMillis: number): Promise<Answer> {
    for (let failures = 1; ; failures++) {
      const answer = await this.#transport.send(request, this.#endOfTry(deadlineMillis))
      if (answer.kind !== 'unreachable' || failures >= this.#options.tries) return answer
      await this.#sleep(answer.retryAfterMillis ?? delayMillis(failures, Math.random()))
      if (monotonicMillis() > Math.min(this.#noTryAfterMillis, deadlineMillis)) return answer
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

  #sleep(millis: number): Promise<void> {
    const sleeper = createSleeper(this.#noTryAfterMillis === Infinity ? millis : Math.min(millis, MIN_DELAY_MILLIS))
    this.#sleepers.add(sleeper)
    return sleeper.awake.finally(() => this.#sleepers.delete(sleeper))
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
