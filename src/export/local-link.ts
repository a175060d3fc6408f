/**
 * The way to exporters that the application has given us: they send in this thread, each batch when it is posted.
 *
 * At the end of the process this thread blocks, and with it they: what waits for them then is lost (end.ts).
 */
import { monotonicMillis } from '../diag/clock.ts'
import { requestOf } from '../model/encoded-batch.ts'
import type { LaneLink } from './lane-options.ts'
import { keyOf, type Composition } from './lane-spec.ts'
import { createSdkTransport } from './transports/sdk.ts'
import type { Transport } from './transports/transport.ts'
import type { Outcome, SentBatch } from './worker/protocol.ts'

/** Of one try, as the SDK's batch processors have it. Milliseconds. */
const EXPORT_MILLIS = 30_000

export interface LocalLinkOptions {
  readonly lanes: Composition
  /** As in PipelineOptions. */
  readonly exporting: <T>(run: () => T) => T
  readonly onOutcome: (outcome: Outcome) => void
}

export class LocalLink implements LaneLink {
  readonly #options: LocalLinkOptions
  readonly #transports: ReadonlyMap<string, Transport>

  constructor(options: LocalLinkOptions) {
    this.#options = options
    this.#transports = new Map(
      options.lanes.flatMap((spec) =>
        spec.to.kind === 'object' ? [[keyOf(spec), createSdkTransport(spec.to.exporter)]] : [],
      ),
    )
  }

  isReady(): boolean {
    return true
  }

  post(sent: SentBatch): void {
    this.#options.exporting(() => void this.#send(sent))
  }

  stop(): void {
    for (const transport of this.#transports.values()) transport.stop()
  }

  async #send({ id, lane, batch }: SentBatch): Promise<void> {
    const request = { signal: batch.signal, bytes: requestOf(batch) }
    const answer = await this.#transports.get(lane)?.send(request, monotonicMillis() + EXPORT_MILLIS)
    if (answer !== undefined) this.#options.onOutcome({ id, lane, ...answer })
  }
}
