/**
 * The flight recorder: keeps what no level lets through for the length of its unit, forgets it when the unit ends well, and hands it
 * over when it ends badly (spec: recorder).
 *
 * A dump is a header, the records oldest first and then what triggered it, all within one call. What is kept is neither redacted nor
 * numbered nor counted as accepted: a dump takes the ordinary way. Nothing here throws: whoever calls is guarded. Which files:
 * end-rules.ts (whose end wants a dump), hand-over.ts (how it gets out), dump-records.ts (what it says), storm-gate.ts (how many),
 * unit-ring.ts (one unit), ring-pool.ts (limits, counts), keeping-budget.ts (how many units), told-traces.ts (what fails elsewhere).
 */
import type { HeldRecord } from '../../context/held-record.ts'
import type { RequestUnit, UnitEnd, UnitEnds } from '../../context/request-unit.ts'
import { monotonicMillis } from '../../diag/clock.ts'
import { say } from '../../diag/events.ts'
import { startTimer } from '../../diag/timers.ts'
import type { InstrumentationScope, LogRecord } from '../../model/log-record.ts'
import type { DumpReason, RecorderStats } from '../../model/recorder-stats.ts'
import { ATTR_ERROR_TYPE, ATTR_EXCEPTION_TYPE, EVENT_UNCAUGHT_EXCEPTION } from '../../model/semconv.ts'
import { SEVERITY_INFO, SEVERITY_OFF } from '../../model/severity.ts'
import { isDumpStatus, reasonAtEnd, type EndRules } from './end-rules.ts'
import { HandOver, type DumpTarget } from './hand-over.ts'
import { KeepingBudget } from './keeping-budget.ts'
import { RingPool, type RingLimits } from './ring-pool.ts'
import { ToldTraces } from './told-traces.ts'
import { UnitRing, type DumpRequest } from './unit-ring.ts'

export interface RecorderSettings extends RingLimits, EndRules {
  /** Keeping may cost no more than its budget. */
  readonly hasBudget: boolean
  /** The lowest severity that is kept. */
  readonly keepFrom: number
  /** From this severity up a record triggers a dump; 25: none does. */
  readonly dumpFrom: number
  /** How long a unit's records outlive its end. Milliseconds. */
  readonly lingerMillis: number
}

export interface RecorderOptions extends RecorderSettings {
  readonly target: DumpTarget
  /** Their records say how units ended: they trigger nothing by their severity. */
  readonly endScopes: ReadonlySet<InstrumentationScope>
  readonly nowUnixNano: () => bigint
  /** Runs something as if no request were being served. */
  readonly detached: (run: () => void) => void
  /** Default: the monotonic clock. */
  readonly nowMillis?: () => number
}

/** Between two looks whether lingering is over. Milliseconds. */
const SWEEP_MILLIS = 250
/** Of a body that stands for all that fail alike. Characters. */
const MAX_KEY_TEXT = 80

export class Recorder implements UnitEnds {
  readonly dumpFrom: number
  readonly #options: RecorderOptions
  readonly #now: () => number
  readonly #pool: RingPool
  readonly #handOver: HandOver
  readonly #budget: KeepingBudget | undefined
  readonly #told = new ToldTraces()
  #passed = 0
  #wanted = 0
  #unheard = 0
  #isSweeping = false
  #isFailing = false
  #isStopped = false

  constructor(options: RecorderOptions) {
    this.#options = options
    this.dumpFrom = options.dumpFrom
    this.#now = options.nowMillis ?? monotonicMillis
    this.#pool = new RingPool(options)
    const { target, nowUnixNano } = options
    this.#handOver = new HandOver({ target, pool: this.#pool, nowUnixNano, nowMillis: this.#now })
    this.#budget = options.hasBudget ? new KeepingBudget(this.#now, shareTeller()) : undefined
  }

  onBegin(unit: RequestUnit): void {
    if (this.#isStopped) return
    if (this.#budget !== undefined && this.#budget.share < 1 && !this.#budget.keeps(unit.traceId)) {
      unit.recorderState = 'passed'
      this.#passed++
      return
    }
    unit.recorderState = 'kept'
    unit.recorderFrom = this.#options.keepFrom
  }

  onEnd(unit: RequestUnit, end: UnitEnd): void {
    if (unit.recorderState === 'none' || unit.recorderState === 'closed') return
    unit.endedMillis = unit.startedMillis + end.millis
    const reason = reasonAtEnd(unit, end, this.#options, this.#isFailing)
    if (reason !== undefined) {
      this.#trigger(unit, this.#requestOf(unit, reason, end.errorType ?? String(end.status ?? '')))
    }
    const { recording: ring } = unit
    if (!(ring instanceof UnitRing) || unit.recorderState !== 'kept') return
    if (ring.isTainted && ring.due === undefined) this.#handOver.tail(ring)
    this.#linger(ring, unit.endedMillis)
  }

  /** From now on units that end are cut off: the process fails. */
  processFails(): void {
    this.#isFailing = true
  }

  /** Whether a record of the unit is kept, where its severity is enough. */
  holds(unit: RequestUnit): boolean {
    if (unit.endedMillis === 0 && unit.recording === undefined) return true
    return !this.#isOver(unit)
  }

  /** A record is about to be kept. */
  beginKeeping(): void {
    this.#budget?.begin()
  }

  /** Takes a record that no level lets through. */
  keep(record: HeldRecord, unit: RequestUnit, severityNumber: number): void {
    const nowMillis = this.#now()
    const ring = this.#ringOf(unit, nowMillis)
    if (ring === undefined) return
    if (ring.isTainted && ring.due === undefined && this.#pool.mayPass(ring)) {
      this.#pool.passThrough(ring, record, nowMillis)
      this.#handOver.emit(record)
    } else {
      this.#pool.append(ring, record, nowMillis)
      if (ring.due !== undefined) this.#handOver.dump(ring, ring.due)
      else if (this.#isTrigger(severityNumber, record.scope)) {
        this.#trigger(unit, this.#requestOf(unit, 'level', alikeTextOf(record.toRecord())))
      }
    }
    this.#budget?.end()
  }

  /** A record of the unit is exported next: what comes before it is handed over first, where its severity says so. */
  beforeExport(record: LogRecord, scope: InstrumentationScope, unit: RequestUnit): void {
    if (!this.#isTrigger(record.severityNumber, scope)) return
    const reason = record.eventName === EVENT_UNCAUGHT_EXCEPTION ? 'exception' : 'level'
    this.#trigger(unit, this.#requestOf(unit, reason, alikeTextOf(record)))
  }

  /** Somebody wants the records of this unit. @param text  why */
  dump(unit: RequestUnit, text?: string): void {
    this.#trigger(unit, { reason: 'manual', key: undefined, text, fields: unit.fields })
  }

  onDumpAsked(unit: RequestUnit, isAtBegin: boolean): void {
    this.#trigger(unit, { ...remoteRequest(unit), isCounted: isAtBegin })
  }

  /**
   * The backend has heard that these traces failed, in whatever service: units that run, and those that linger.
   *
   * @param unheard  how many more there were
   */
  dumpTraces(traceIds: readonly string[], unheard: number): void {
    this.#wanted += traceIds.length
    this.#unheard += unheard
    this.#told.add(traceIds, this.#now())
    for (const { unit } of this.#pool.ringsOf(new Set(traceIds))) this.#trigger(unit, remoteRequest(unit))
  }

  onTaskFailed(unit: RequestUnit, errorType: string): void {
    this.#trigger(unit, this.#requestOf(unit, 'status', errorType))
  }

  asksForDump({ recorderState, recording }: RequestUnit, status: number): boolean {
    return recorderState !== 'none' && (recording?.isTainted === true || isDumpStatus(status, this.#options))
  }

  /** Nobody will want them. */
  discard(unit: RequestUnit): void {
    const { recording: ring } = unit
    if (ring instanceof UnitRing && !ring.isTainted) this.#pool.discard(ring)
  }

  stats(): RecorderStats {
    const { open, lingering, bytes, kept, dumped, discarded, evicted } = this.#pool
    const counts = { kept, dumped, discarded, evicted, suppressed: this.#handOver.suppressed, passed: this.#passed }
    const heard = { wanted: this.#wanted, unheard: this.#unheard }
    return {
      units: open,
      lingering,
      bytes,
      ...counts,
      ...heard,
      share: this.#budget?.share ?? 1,
      dumps: this.#handOver.dumps,
    }
  }

  /** Nothing is kept any more. */
  stop(): void {
    this.#isStopped = true
    this.#pool.closeAll()
  }

  #isTrigger(severityNumber: number, scope: InstrumentationScope): boolean {
    return (severityNumber || SEVERITY_INFO) >= this.dumpFrom && !this.#options.endScopes.has(scope)
  }

  #requestOf(unit: RequestUnit, reason: DumpReason, text: string): DumpRequest {
    const name = unit.name ?? `${unit.method} ${unit.route ?? ''}`
    return { reason, key: `${name} ${text}`, text: undefined, fields: unit.fields }
  }

  /** @returns `undefined`: nothing of the unit is kept any more */
  #ringOf(unit: RequestUnit, nowMillis: number): UnitRing | undefined {
    if (unit.recorderState !== 'kept' || this.#isOver(unit)) return undefined
    if (unit.recording instanceof UnitRing) return unit.recording
    const ring = this.#pool.add(unit, nowMillis)
    if (ring === undefined) {
      this.#passed++
      this.#pass(unit)
      return undefined
    }
    unit.recording = ring
    if (this.#told.holds(unit.traceId, unit.startedMillis, nowMillis)) {
      ring.isTainted = true
      ring.due = remoteRequest(unit)
    }
    if (unit.endedMillis !== 0) this.#linger(ring, unit.endedMillis)
    return ring
  }

  #pass(unit: RequestUnit): void {
    unit.recorderState = 'passed'
    unit.recorderFrom = SEVERITY_OFF
  }

  /** The lingering is over, or the ring had to go. */
  #isOver(unit: RequestUnit): boolean {
    const { recording: ring } = unit
    const isClosed = ring instanceof UnitRing && ring.state === 'closed'
    const isPast = unit.endedMillis !== 0 && this.#now() >= unit.endedMillis + this.#options.lingerMillis
    if (!isClosed && !isPast && !this.#isStopped) return false
    // A unit that wrote nothing for long, and runs: it begins anew.
    if (isClosed && !isPast && !this.#isStopped && unit.endedMillis === 0) {
      unit.recording = undefined
      return false
    }
    if (ring instanceof UnitRing) this.#pool.close(ring)
    unit.recording = undefined
    unit.recorderState = 'closed'
    unit.recorderFrom = SEVERITY_OFF
    return true
  }

  #linger(ring: UnitRing, endedMillis: number): void {
    const { lingerMillis } = this.#options
    if (lingerMillis === 0) {
      this.#pool.close(ring)
      return
    }
    this.#pool.linger(ring, endedMillis + lingerMillis)
    this.#sweepSoon()
  }

  #sweepSoon(): void {
    if (this.#isSweeping) return
    this.#isSweeping = true
    this.#options.detached(() => {
      startTimer(() => {
        this.#isSweeping = false
        if (this.#pool.sweep(this.#now())) this.#sweepSoon()
      }, SWEEP_MILLIS).unref()
    })
  }

  #trigger(unit: RequestUnit, request: DumpRequest): void {
    const nowMillis = this.#now()
    if (unit.recorderState === 'passed') {
      this.#handOver.tellPassed(unit, request)
      return
    }
    const ring = this.#ringOf(unit, nowMillis)
    const isAskedFor = request.key === undefined
    if (ring === undefined || ring.isTainted || (ring.isSuppressed && !isAskedFor)) return
    ring.isTainted = true
    ring.due = request
    // Without a record there is nothing to tell; what comes yet is told with the first of it.
    if (ring.count > 0 || ring.evictedRecords > 0) this.#handOver.dump(ring, request)
  }
}

/** Another service has failed, or wants the records for one that has. */
function remoteRequest({ fields }: RequestUnit): DumpRequest {
  return { reason: 'remote', key: undefined, text: undefined, fields }
}

/** Two records with the same are of the same failure. */
function alikeTextOf({ attributes, body }: LogRecord): string {
  const type = attributes[ATTR_ERROR_TYPE] ?? attributes[ATTR_EXCEPTION_TYPE]
  if (typeof type === 'string') return type
  return typeof body === 'string' ? body.slice(0, MAX_KEY_TEXT).replace(/\d+/g, '') : ''
}

/** Says when fewer than all units are kept, and when all are again. The shares between are in `stats()`. */
function shareTeller(): (share: number) => void {
  let isLess = false
  return (share) => {
    if (share < 1 === isLess) return
    isLess = share < 1
    const text = isLess
      ? `the flight recorder keeps the debug lines of fewer requests, now of 1 of ${1 / share}: more would cost over 5 % of the event loop's time (recorder.stats().share; TRACELOG_RECORDER=on keeps all)`
      : 'the flight recorder keeps the debug lines of all requests again'
    say(`recorder share ${isLess}`, text)
  }
}
