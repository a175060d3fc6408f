/**
 * Whom did a request ask on its way? Its outgoing requests, as far as a load balancer's record tells them.
 */

/** One try to reach an upstream within a request. Times are milliseconds of `performance.now()`. */
export interface UpstreamAttempt {
  /** `host:port`. */
  readonly upstream: string
  readonly method: string
  /** Path and query as sent; compared, never written down. */
  readonly target: string
  readonly startedMillis: number
  endedMillis: number | undefined
  /** The answer's status, or the error's code; `''` while there is neither. */
  status: string
  /** The inbound request was piped into this one: what a proxy does, and an upload handler. Or a package that forwards has made it. */
  isPipedInto: boolean
  /** The library's own request object while the inbound request runs. */
  request?: { readonly res?: object | null } | undefined
  /** What its answer is known by, of those of undici while the inbound request runs. */
  answer?: AnswerIdentity | undefined
  /** Its response was piped into the inbound request's response: what only a proxy does. */
  isPipedBack: boolean
  /** What the upstream's Cache-Status said. */
  cacheHit: boolean | undefined
}

/** Headers that no two answers have in common by chance. */
export interface AnswerIdentity {
  readonly date: string | undefined
  readonly etag: string | undefined
}

/** Attempts kept per request; a fan-out of thousands is no load balancer. */
const MAX_ATTEMPTS = 32

export class UpstreamAttempts {
  #attempts: readonly UpstreamAttempt[] = NONE

  /** In the order in which they were begun. */
  get all(): readonly UpstreamAttempt[] {
    return this.#attempts
  }

  add(attempt: UpstreamAttempt): void {
    if (this.#attempts.length < MAX_ATTEMPTS) this.#attempts = [...this.#attempts, attempt]
  }

  /** The request is over. */
  forget(): void {
    for (const attempt of this.#attempts) {
      attempt.request = undefined
      attempt.answer = undefined
    }
    this.#attempts = NONE
  }
}

const NONE: readonly UpstreamAttempt[] = []
