/**
 * How does what is kept of a unit get out? Its header, the records oldest first, and what comes after them; or a header alone, where
 * there is more than the storm gate lets through, or nothing was kept.
 *
 * Each record of a dump is guarded for itself.
 */
import { ROOT_CONTEXT, type Context } from '@opentelemetry/api'

import type { HeldRecord } from '../../context/held-record.ts'
import type { RequestUnit } from '../../context/request-unit.ts'
import { safely } from '../../diag/guarded.ts'
import { type InstrumentationScope, type LogRecord, timeOfRecord } from '../../model/log-record.ts'
import { DUMP_REASONS, type DumpReason, type RecorderStats } from '../../model/recorder-stats.ts'
import { headerRecord, recovered, RECORDER_SCOPE, type DumpHeader } from './dump-records.ts'
import type { RingPool } from './ring-pool.ts'
import { StormGate } from './storm-gate.ts'
import { UnitRing, type DumpRequest } from './unit-ring.ts'

/** Where a dump goes: the way of all records, from redaction on. MUST NOT throw. */
export interface DumpTarget {
  /** Whether records leave this process. */
  accepts(): boolean
  emit(record: LogRecord, scope: InstrumentationScope, active: Context): void
}

export interface HandOverOptions {
  readonly target: DumpTarget
  readonly pool: RingPool
  readonly nowUnixNano: () => bigint
  readonly nowMillis: () => number
}

export class HandOver {
  readonly #options: HandOverOptions
  readonly #gate: StormGate
  readonly #dumps = new Map<DumpReason, number>()
  /** Dumps that were too many at once. */
  suppressed = 0

  constructor(options: HandOverOptions) {
    this.#options = options
    this.#gate = new StormGate(options.nowMillis())
  }

  /** How many there were, by their reasons. */
  get dumps(): RecorderStats['dumps'] {
    const counts = DUMP_REASONS.map((reason) => [reason, this.#dumps.get(reason) ?? 0])
    return Object.fromEntries(counts) as RecorderStats['dumps']
  }

  /** What the ring holds, as it was asked for. */
  dump(ring: UnitRing, request: DumpRequest): void {
    ring.due = undefined
    if (!this.#options.target.accepts()) return
    if (request.isCounted === true || this.#gate.admits(request.key, this.#options.nowMillis())) {
      this.#dumpAll(ring, request)
      return
    }
    ring.isTainted = false
    ring.isSuppressed = true
    this.suppressed++
    this.#emitHeader({ ring, request, count: ring.count, firstUnixNano: undefined, isSuppressed: true })
  }

  /** What did not pass through after the dump. */
  tail(ring: UnitRing): void {
    const { target, pool } = this.#options
    if (ring.count === 0 || !target.accepts()) return
    if (ring.evictedRecords > 0) {
      this.#dumpAll(ring, { reason: 'tail', key: undefined, text: undefined, fields: undefined })
      return
    }
    for (const record of pool.take(ring)) this.emit(record)
  }

  /** A unit that nothing was kept of has failed: its header alone, as long as there are not too many. */
  tellPassed(unit: RequestUnit, request: DumpRequest): void {
    const { target, nowMillis } = this.#options
    if (unit.recording?.isTainted === true || !target.accepts()) return
    const ring = new UnitRing(unit)
    ring.isTainted = true
    unit.recording = ring
    if (this.#gate.admits(request.key, nowMillis())) {
      this.#emitHeader({ ring, request, count: 0, firstUnixNano: undefined, isKept: false })
    } else this.suppressed++
  }

  /** One record, marked as recovered. */
  emit(held: HeldRecord): void {
    const record = safely('the recorder', () => recovered(held.toRecord()))
    if (record !== undefined) this.#options.target.emit(record, held.scope, held.active)
  }

  #dumpAll(ring: UnitRing, request: DumpRequest): void {
    this.#dumps.set(request.reason, (this.#dumps.get(request.reason) ?? 0) + 1)
    const records = this.#options.pool.take(ring)
    const [first] = records
    const firstUnixNano = first && safely('the recorder', () => timeOfRecord(first.toRecord()))
    this.#emitHeader({ ring, request, count: records.length, firstUnixNano }, first?.active)
    ring.evictedRecords = ring.evictedBytes = 0
    for (const record of records) this.emit(record)
  }

  #emitHeader(header: Omit<DumpHeader, 'nowUnixNano'>, active: Context = ROOT_CONTEXT): void {
    const { target, nowUnixNano } = this.#options
    target.emit(headerRecord({ ...header, nowUnixNano: nowUnixNano() }), RECORDER_SCOPE, active)
  }
}
