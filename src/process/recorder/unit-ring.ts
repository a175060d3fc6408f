/**
 * The records that one unit keeps, oldest first, and how far it has come: open, lingering after its end, closed.
 *
 * Knows no limit: ring-pool.ts does. Taking the oldest away costs the same whatever the number.
 */
import type { HeldRecord } from '../../context/held-record.ts'
import type { RequestUnit, UnitRecording } from '../../context/request-unit.ts'
import type { Attributes } from '../../model/any-value.ts'
import type { DumpReason } from '../../model/recorder-stats.ts'

/** A dump that was asked for. */
export interface DumpRequest {
  readonly reason: DumpReason
  /** What fails alike; `undefined`: somebody wants it whatever else has failed. */
  readonly key: string | undefined
  /** Another service has counted it. Default false. */
  readonly isCounted?: boolean
  /** What the application says of it. */
  readonly text: string | undefined
  /** `requestFields()` and the request's path. */
  readonly fields: Attributes | undefined
}

/** `fresh`: just ended; `lingering`: remembered for longer. */
type RingState = 'open' | 'fresh' | 'lingering' | 'closed'

/** Places given up at the front before the rest is moved there. */
const MAX_GAP = 512

export class UnitRing implements UnitRecording {
  readonly unit: RequestUnit
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  state: RingState = 'open'
  isTainted = false
  /** Too many dumps at once: only somebody who wants this very one gets it. */
  isSuppressed = false
  /** Asked for, and no header written yet: there was no record. */
  due: DumpRequest | undefined
  /** When it last got a record, and when its lingering is over. Milliseconds on the monotonic clock. */
  lastMillis = 0
  untilMillis: number = Infinity
  bytes = 0
  evictedRecords = 0
  evictedBytes = 0
  /** Exported as they came, since the dump. */
  passedRecords = 0
  passedBytes = 0
  #records: (HeldRecord | undefined)[] = []
  #first = 0

  constructor(unit: RequestUnit) {
    const { traceId, spanId, traceFlags } = unit
    this.unit = unit
    this.traceId = traceId
    this.spanId = spanId
    this.traceFlags = traceFlags
  }

  get count(): number {
    return this.#records.length - this.#first
  }

  push(record: HeldRecord): void {
    this.#records.push(record)
    this.bytes += record.bytes
  }

  /** Takes the oldest. */
  shift(): HeldRecord | undefined {
    const record = this.#records[this.#first]
    if (record === undefined) return undefined
    this.#records[this.#first++] = undefined
    this.bytes -= record.bytes
    if (this.#first > MAX_GAP && this.#first * 2 > this.#records.length) {
      this.#records.splice(0, this.#first)
      this.#first = 0
    }
    return record
  }

  /** Takes all. */
  takeAll(): readonly HeldRecord[] {
    const records = this.#records.slice(this.#first) as HeldRecord[]
    this.#records = []
    this.#first = 0
    this.bytes = 0
    return records
  }
}
