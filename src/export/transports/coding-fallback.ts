/**
 * What becomes of a request in a coding that the endpoint does not know: it is sent again in another one, and all later ones with it.
 *
 * OTLP has no way to ask first. So until an endpoint has taken a request in the first coding, a refusal that may mean the coding
 * is held to mean it.
 */
import { sayOnce } from '../../diag/events.ts'
import type { Answer } from './answer.ts'
import { MIN_DELAY_MILLIS } from './retry-policy.ts'
import { createSleeper } from './sleeper.ts'
import type { ExportRequest, Transport } from './transport.ts'

export interface FallbackOptions {
  readonly first: Transport
  /** Called once, when it is needed. */
  readonly second: () => Transport
  /** Said once, when the first is given up: from what to what, and where. */
  readonly endpoint: string
  readonly codings: readonly [first: string, second: string]
}

/** HTTP: bad request, unsupported media type; gRPC: UNIMPLEMENTED. */
const REFUSALS: ReadonlySet<string> = new Set(['HTTP 400', 'HTTP 415', 'gRPC 12'])

export function fallingBack(options: FallbackOptions): Transport {
  return new FallingBack(options)
}

class FallingBack implements Transport {
  readonly #options: FallbackOptions
  #isTaken = false
  #second: Transport | undefined
  #isStopped = false

  constructor(options: FallbackOptions) {
    this.#options = options
  }

  async send(request: ExportRequest, deadlineMillis: number): Promise<Answer> {
    if (this.#second !== undefined) return await this.#second.send(request, deadlineMillis)
    const answer = await this.#options.first.send(request, deadlineMillis)
    this.#isTaken ||= answer.kind === 'delivered' || answer.kind === 'partial'
    if (this.#isTaken || answer.kind !== 'rejected' || !REFUSALS.has(answer.reason)) return answer
    // Between two requests after a refusal, as always.
    await createSleeper(MIN_DELAY_MILLIS).awake
    return this.#isStopped ? answer : await this.#giveUpFirst(answer.reason).send(request, deadlineMillis)
  }

  hurry(millis: number): void {
    this.#options.first.hurry(millis)
    this.#second?.hurry(millis)
  }

  stop(): void {
    this.#isStopped = true
    this.#options.first.stop()
    this.#second?.stop()
  }

  #giveUpFirst(reason: string): Transport {
    const {
      endpoint,
      codings: [first, second],
    } = this.#options
    sayOnce(`coding ${endpoint}`, `${endpoint} does not take ${first} (${reason}): sending ${second} from now on`)
    return (this.#second ??= this.#options.second())
  }
}
