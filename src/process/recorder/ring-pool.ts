/**
 * All rings of the process: what they hold together, who has to give way, and what became of each record.
 *
 * kept = dumped + discarded + evicted + still in rings, at every moment. A unit that appends beyond its share loses its own oldest;
 * before that ended units go, the oldest first.
 *
 * Of ended units the last ones are remembered, up to 256 KiB; who is pushed out of there lingers on where there is room, or is forgotten.
 * So under load every unit is remembered for a moment and some for the whole time. All of them for a part of it would cost a quarter more
 * CPU: what outlives a collection of the young generation is copied twice (test/bench/recorder.bench.ts).
 */
import type { HeldRecord } from '../../context/held-record.ts'
import type { RequestUnit } from '../../context/request-unit.ts'
import { UnitRing } from './unit-ring.ts'

export interface RingLimits {
  /** Of all rings. */
  readonly maxBytes: number
  readonly unitMaxBytes: number
  readonly unitMaxRecords: number
}

/** Units with records at a time. Source: spec, recorder. */
export const MAX_OPEN_RINGS = 10_000
/** Of all ended units. Source: the same. */
export const MAX_ENDED_BYTES: number = 4 * 1024 * 1024
/** Of those that have just ended. */
const MAX_FRESH_BYTES = 256 * 1024
const MAX_LINGERING_BYTES = MAX_ENDED_BYTES - MAX_FRESH_BYTES
/** A unit that appended nothing for so long forgets. Milliseconds. Source: the same. */
export const IDLE_MILLIS = 600_000
/** Between two looks for those. Milliseconds. */
const IDLE_LOOK_MILLIS = 60_000

export class RingPool {
  readonly #limits: RingLimits
  readonly #open = new Set<UnitRing>()
  /** Ended ones, in the order of their ends. */
  readonly #fresh = new Set<UnitRing>()
  readonly #lingering = new Set<UnitRing>()
  #bytes = 0
  #freshBytes = 0
  #lingeringBytes = 0
  #lookedMillis = 0
  kept = 0
  dumped = 0
  discarded = 0
  evicted = 0

  constructor(limits: RingLimits) {
    this.#limits = limits
  }

  get open(): number {
    return this.#open.size
  }

  get lingering(): number {
    return this.#fresh.size + this.#lingering.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @returns `undefined`: there are too many */
  add(unit: RequestUnit, nowMillis: number): UnitRing | undefined {
    if (nowMillis - this.#lookedMillis >= IDLE_LOOK_MILLIS) this.#forgetIdle(nowMillis)
    if (this.#open.size >= MAX_OPEN_RINGS) return undefined
    const ring = new UnitRing(unit)
    ring.lastMillis = nowMillis
    this.#open.add(ring)
    return ring
  }

  /**
   * Those of these traces, open and ended. Looked for, not looked up: an index would cost every unit something, for what comes ten times
   * a second at most and takes 0.3 to 0.8 ms with 10,000 rings (Node 24.21).
   */
  ringsOf(traceIds: ReadonlySet<string>): readonly UnitRing[] {
    const found: UnitRing[] = []
    for (const rings of [this.#lingering, this.#fresh, this.#open])
      for (const ring of rings) if (traceIds.has(ring.traceId)) found.push(ring)
    return found
  }

  append(ring: UnitRing, record: HeldRecord, nowMillis: number): void {
    this.kept++
    ring.lastMillis = nowMillis
    ring.push(record)
    this.#changed(ring, record.bytes)
    const { maxBytes, unitMaxBytes, unitMaxRecords } = this.#limits
    if (this.#bytes > maxBytes) this.#closeEnded(maxBytes, ring)
    const share = Math.min(unitMaxBytes, maxBytes / Math.max(1, this.#open.size))
    while (ring.count > 0 && (ring.bytes > share || ring.count > unitMaxRecords || this.#bytes > maxBytes)) {
      this.#evict(ring)
    }
    if (ring.state !== 'open') this.#trimEnded()
  }

  /** A record that does not stay: the unit is being dumped. */
  passThrough(ring: UnitRing, record: HeldRecord, nowMillis: number): void {
    this.kept++
    this.dumped++
    ring.lastMillis = nowMillis
    ring.passedRecords++
    ring.passedBytes += record.bytes
  }

  /** Whether a record may still pass through. */
  mayPass({ passedRecords, passedBytes }: UnitRing): boolean {
    return passedRecords < this.#limits.unitMaxRecords && passedBytes < this.#limits.unitMaxBytes
  }

  /** All that the ring holds, for a dump. */
  take(ring: UnitRing): readonly HeldRecord[] {
    this.dumped += ring.count
    return this.#empty(ring)
  }

  /** Forgets what the ring holds. */
  discard(ring: UnitRing): void {
    this.discarded += ring.count
    this.#empty(ring)
    ring.evictedRecords = ring.evictedBytes = 0
  }

  /** The unit has ended. */
  linger(ring: UnitRing, untilMillis: number): void {
    if (!this.#open.delete(ring)) return
    ring.state = 'fresh'
    ring.untilMillis = untilMillis
    this.#fresh.add(ring)
    this.#freshBytes += ring.bytes
    this.#trimEnded()
  }

  close(ring: UnitRing): void {
    if (ring.state === 'closed') return
    this.discard(ring)
    this.#open.delete(ring)
    this.#fresh.delete(ring)
    this.#lingering.delete(ring)
    ring.state = 'closed'
    ring.due = undefined
  }

  /** Closes those whose lingering is over. @returns whether some are left */
  sweep(nowMillis: number): boolean {
    for (const ended of [this.#lingering, this.#fresh])
      for (const ring of ended) if (ring.untilMillis <= nowMillis) this.close(ring)
    return this.lingering > 0
  }

  closeAll(): void {
    for (const ring of [...this.#lingering, ...this.#fresh, ...this.#open]) this.close(ring)
  }

  #evict(ring: UnitRing): void {
    const record = ring.shift()
    if (record === undefined) return
    this.evicted++
    ring.evictedRecords++
    ring.evictedBytes += record.bytes
    this.#changed(ring, -record.bytes)
  }

  #empty(ring: UnitRing): readonly HeldRecord[] {
    this.#changed(ring, -ring.bytes)
    return ring.takeAll()
  }

  #changed({ state }: UnitRing, bytes: number): void {
    this.#bytes += bytes
    if (state === 'lingering') this.#lingeringBytes += bytes
    else if (state === 'fresh') this.#freshBytes += bytes
  }

  #trimEnded(): void {
    for (const ring of this.#lingering) {
      if (this.#lingeringBytes <= MAX_LINGERING_BYTES) break
      this.close(ring)
    }
    for (const ring of this.#fresh) {
      if (this.#freshBytes <= MAX_FRESH_BYTES) break
      if (this.#lingeringBytes + ring.bytes > MAX_LINGERING_BYTES) this.close(ring)
      else this.#lingerOn(ring)
    }
  }

  #lingerOn(ring: UnitRing): void {
    this.#fresh.delete(ring)
    this.#freshBytes -= ring.bytes
    ring.state = 'lingering'
    this.#lingering.add(ring)
    this.#lingeringBytes += ring.bytes
  }

  /** To make room: ended ones, but for the one that is being written. */
  #closeEnded(maxBytes: number, spared: UnitRing): void {
    for (const ended of [this.#lingering, this.#fresh])
      for (const ring of ended) {
        if (this.#bytes <= maxBytes) return
        if (ring !== spared) this.close(ring)
      }
  }

  /** Units that never end, and write nothing more. */
  #forgetIdle(nowMillis: number): void {
    this.#lookedMillis = nowMillis
    for (const ring of this.#open) if (nowMillis - ring.lastMillis >= IDLE_MILLIS) this.close(ring)
  }
}
