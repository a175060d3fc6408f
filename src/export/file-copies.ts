/**
 * The file beside an endpoint: its requests, which nobody counts, but which a worker that dies must not lose.
 */
import { say } from '../diag/events.ts'
import { requestOf, type EncodedBatch } from '../model/encoded-batch.ts'
import type { SenderLink } from './dispatcher.ts'
import type { Outcome } from './worker-protocol.ts'

export interface FileCopiesOptions {
  readonly link: SenderLink
  /** How messages call it. */
  readonly path: string
}

export class FileCopies {
  readonly #options: FileCopiesOptions
  /** By the id of the request: below zero, the dispatcher's are above. */
  readonly #travelling = new Map<number, EncodedBatch>()
  #nextId = -1

  constructor(options: FileCopiesOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#travelling.size
  }

  add(batch: EncodedBatch): void {
    const id = this.#nextId--
    this.#travelling.set(id, batch)
    if (this.#options.link.isReady()) this.#post(id, batch)
  }

  /** The sender is new: what the one before had is posted again. */
  postAll(): void {
    for (const [id, batch] of this.#travelling) this.#post(id, batch)
  }

  /** Takes an outcome of a request of ours; of any other there is nothing to do. */
  settle(outcome: Outcome): void {
    if (!this.#travelling.delete(outcome.id) || outcome.kind === 'delivered') return
    const { path } = this.#options
    const [lines, reason] =
      outcome.kind === 'partial'
        ? [`${outcome.rejected} lines`, outcome.message]
        : [`lines`, `${path} (${outcome.kind})`]
    say('file', `${lines} could not be written to ${reason}`)
  }

  clear(): void {
    this.#travelling.clear()
  }

  #post(id: number, batch: EncodedBatch): void {
    this.#options.link.post({ id, signal: batch.signal, destination: 'file', bytes: requestOf(batch), isProbe: true })
  }
}
