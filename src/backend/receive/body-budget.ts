/**
 * How many bytes of request bodies may be in memory at once, over all connections.
 *
 * A client alone is held by the limit per request; this is what many of them together are held by.
 */
import { Refusal } from './receive-sink.ts'

/** One request's share; `release` gives all of it back and may be called twice. */
export interface BodyShare {
  /** @throws Refusal `crowded` when the total would pass the limit */
  take(bytes: number): void
  release(): void
}

export interface BodyBudget {
  share(): BodyShare
  /** Bytes taken at this moment. */
  readonly taken: number
}

/** Compressed and decompressed bytes of one largest request, and room for the small ones beside it. */
const DEFAULT_MAX_BYTES = 96 * 1024 * 1024

export function createBodyBudget(maxBytes: number = DEFAULT_MAX_BYTES): BodyBudget {
  let total = 0
  const share = (): BodyShare => {
    let own = 0
    return {
      take(bytes) {
        if (total + bytes > maxBytes) throw new Refusal('crowded', 'too many requests at once, send this one again')
        total += bytes
        own += bytes
      },
      release() {
        total -= own
        own = 0
      },
    }
  }
  return {
    share,
    get taken() {
      return total
    },
  }
}
