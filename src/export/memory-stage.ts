/**
 * The stage in memory, bounded by bytes: when it is full the lowest ranks go first, the oldest of them before the newer.
 */
import { recordsIn, type EncodedBatch } from '../model/encoded-batch.ts'
import type { SentSignal } from '../model/signal.ts'
import { halvesOf, wholeOf, without } from './batch-parts.ts'
import type { SpareMemory } from './spare-memory.ts'
import type { HeldBatch, PushedOut, Seat, Stage } from './stage.ts'

/** In the order in which they make room. */
const SIGNALS: readonly SentSignal[] = ['logs', 'spans', 'metrics']
/** What is freed at once when full, as a share of the whole: each search through the stage pays for many records. */
const EVICTED_SHARE = 1 / 128

export interface MemoryStageOptions {
  readonly maxBytes: number
  readonly seats: readonly Seat[]
  /** What a batch leaves behind when all lanes have answered goes there. Default: to the garbage collector. */
  readonly spare?: SpareMemory | undefined
}

interface Held extends HeldBatch {
  batch: EncodedBatch
  readonly arrival: number
  /** Lanes that want it and have not taken it. */
  waiting: number
  /** Lanes that have taken it. */
  travelling: number
}

export class MemoryStage implements Stage {
  readonly #maxBytes: number
  readonly #spare: SpareMemory | undefined
  readonly #lanes: Record<SentSignal, number> = { logs: 0, spans: 0, metrics: 0 }
  /** Oldest first. */
  readonly #held: Readonly<Record<SentSignal, Held[]>> = { logs: [], spans: [], metrics: [] }
  /** What each lane may take, oldest first: by its bit. */
  readonly #lines: Readonly<Record<SentSignal, Map<number, Held[]>>> = {
    logs: new Map(),
    spans: new Map(),
    metrics: new Map(),
  }
  #bytes = 0
  #arrivals = 0

  constructor({ maxBytes, seats, spare }: MemoryStageOptions) {
    this.#maxBytes = maxBytes
    this.#spare = spare
    for (const { signal, bit } of seats) {
      this.#lanes[signal] |= bit
      this.#lines[signal].set(bit, [])
    }
  }

  get bytes(): number {
    return this.#bytes
  }

  get arrivals(): number {
    return this.#arrivals
  }

  offer(batch: EncodedBatch): readonly PushedOut[] {
    const { signal } = batch
    const held: Held = { batch, arrival: this.#arrivals++, waiting: this.#lanes[signal], travelling: 0 }
    if (held.waiting === 0) return []
    this.#held[signal].push(held)
    for (const line of this.#lines[signal].values()) line.push(held)
    this.#bytes += batch.bytes.length
    const excess = this.#bytes - this.#maxBytes
    return excess > 0 ? this.#evict(excess + this.#maxBytes * EVICTED_SHARE) : []
  }

  hasWaiting(seat: Seat): boolean {
    return this.#lineOf(seat).length > 0
  }

  take(seat: Seat): HeldBatch | undefined {
    const held = this.#lineOf(seat).shift()
    if (held === undefined) return undefined
    held.waiting &= ~seat.bit
    held.travelling |= seat.bit
    return held
  }

  putBack(seat: Seat, taken: HeldBatch): void {
    const held = taken as Held
    if (!isTaken(seat, held)) return
    held.travelling &= ~seat.bit
    held.waiting |= seat.bit
    this.#lineOf(seat).unshift(held)
  }

  split(seat: Seat, taken: HeldBatch): boolean {
    const held = taken as Held
    if (held.batch.ends.length < 2 || !isTaken(seat, held)) return false
    const halves = halvesOf(held.batch).map((batch) => ({
      batch,
      arrival: held.arrival,
      waiting: seat.bit,
      travelling: 0,
    }))
    const all = this.#held[seat.signal]
    all.splice(all.indexOf(held) + 1, 0, ...halves)
    this.#bytes += held.batch.bytes.length
    this.#lineOf(seat).unshift(...halves)
    this.settle(seat, held)
    return true
  }

  settle(seat: Seat, taken: HeldBatch): void {
    const held = taken as Held
    if (!isTaken(seat, held)) return
    held.travelling &= ~seat.bit
    if ((held.waiting | held.travelling) !== 0) return
    this.#forget(held)
    this.#spare?.giveBack(held.batch.bytes.buffer)
  }

  dropAll(): readonly PushedOut[] {
    const all = Object.values(this.#held).flat()
    for (const held of all) this.#forget(held)
    for (const lines of Object.values(this.#lines)) for (const line of lines.values()) line.length = 0
    return all.map(({ batch, waiting, travelling }) => ({
      signal: batch.signal,
      lanes: waiting | travelling,
      removed: wholeOf(batch),
    }))
  }

  count(seat: Seat): number {
    let count = 0
    for (const held of this.#held[seat.signal]) if (isWanted(seat, held)) count += recordsIn(held.batch)
    return count
  }

  oldestArrival(seat: Seat): number | undefined {
    return this.#oldest(seat)?.arrival
  }

  oldestSinceMillis(seat: Seat): number | undefined {
    return this.#oldest(seat)?.batch.sinceMillis
  }

  #oldest(seat: Seat): Held | undefined {
    return this.#held[seat.signal].find((held) => isWanted(seat, held))
  }

  #lineOf({ signal, bit }: Seat): Held[] {
    return this.#lines[signal].get(bit) as Held[]
  }

  #forget(held: Held): void {
    const all = this.#held[held.batch.signal]
    all.splice(all.indexOf(held), 1)
    this.#bytes -= held.batch.bytes.length
  }

  #evict(bytes: number): readonly PushedOut[] {
    const out: PushedOut[] = []
    let left = bytes
    for (let rank = 1; rank <= 24 && left > 0; rank++) {
      for (const signal of SIGNALS) {
        if (left > 0) left -= this.#evictFrom(signal, { rank, bytes: left }, out)
      }
    }
    return out
  }

  #evictFrom(signal: SentSignal, { rank, bytes }: { rank: number; bytes: number }, out: PushedOut[]): number {
    const all = this.#held[signal]
    let freed = 0
    for (let i = 0; i < all.length && freed < bytes; i++) {
      const held = all[i] as Held
      if (held.travelling !== 0 || !held.batch.ranks.includes(rank)) continue
      const { rest, removed } = without(held.batch, rank, bytes - freed)
      out.push({ signal, lanes: held.waiting, removed })
      freed += held.batch.bytes.length - rest.bytes.length
      if (rest.ends.length > 0) {
        this.#bytes -= held.batch.bytes.length - rest.bytes.length
        held.batch = rest
      } else {
        i--
        this.#forget(held)
        for (const line of this.#lines[signal].values()) remove(line, held)
      }
    }
    return freed
  }
}

function isTaken({ bit }: Seat, held: Held): boolean {
  return (held.travelling & bit) !== 0
}

function isWanted({ bit }: Seat, held: Held): boolean {
  return ((held.waiting | held.travelling) & bit) !== 0
}

function remove(line: Held[], held: Held): void {
  const at = line.indexOf(held)
  if (at >= 0) line.splice(at, 1)
}
