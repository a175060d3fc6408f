/**
 * Who was shown what: one record per call whose lines are returned, and once a minute how often something was refused, by reason.
 */
import type { RequestUnit } from '../context/request-unit.ts'
import { safely } from '../diag/guarded.ts'
import { startTimer } from '../diag/timers.ts'
import type { Attributes } from '../model/any-value.ts'
import {
  ATTR_HTTP_ROUTE,
  ATTR_RETURN_LEVEL,
  ATTR_RETURN_REFUSED,
  ATTR_RETURN_SCOPES,
  ATTR_RETURN_SUBJECT,
  EVENT_RETURN_GRANTED,
  EVENT_RETURN_REFUSED,
} from '../model/semconv.ts'
import { nameOfLevel, SEVERITY_INFO } from '../model/severity.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import type { StreamRights } from '../returning/return-streams.ts'
import type { ReturnStats } from './return-stats.ts'
import { RETURN_SCOPE } from './returned-unit.ts'

/** Between two records of refusals. Milliseconds. */
const REFUSALS_MILLIS = 60_000

export class ReturnAudit {
  readonly #records: RecordEmitter
  readonly #detached: <T>(run: () => T) => T
  #refused = new Map<string, number>()
  readonly #refusedInAll = new Map<string, number>()
  #granted = 0

  constructor(records: RecordEmitter, detached: <T>(run: () => T) => T) {
    this.#records = records
    this.#detached = detached
  }

  /** The call is over: its route is known by now. */
  granted({ route }: RequestUnit, { sub, scopes, from }: StreamRights): void {
    this.#granted++
    this.#emit(EVENT_RETURN_GRANTED, `lines of this call were returned to ${sub}`, {
      [ATTR_RETURN_SUBJECT]: sub,
      [ATTR_RETURN_SCOPES]: [...scopes],
      [ATTR_RETURN_LEVEL]: nameOfLevel(from),
      ...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
    })
  }

  /** Without the text that was refused: it may be somebody's. */
  refused(reason: string): void {
    if (this.#refused.size === 0) this.#detached(() => startTimer(() => this.#sayRefused(), REFUSALS_MILLIS).unref())
    for (const counts of [this.#refused, this.#refusedInAll]) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }

  stats(): Pick<ReturnStats, 'granted' | 'refused'> {
    return { granted: this.#granted, refused: Object.fromEntries(this.#refusedInAll) }
  }

  /** Says now what it would say within a minute: the process may end. */
  settle(): void {
    safely('the audit', () => this.#detached(() => this.#sayRefused()))
  }

  #sayRefused(): void {
    const told = [...this.#refused]
    this.#refused.clear()
    if (told.length === 0) return
    const attributes = Object.fromEntries(told.map(([reason, count]) => [`${ATTR_RETURN_REFUSED}.${reason}`, count]))
    this.#emit(EVENT_RETURN_REFUSED, told.map(([reason, count]) => `${count} ${reason}`).join(', '), attributes)
  }

  #emit(eventName: string, body: string, attributes: Attributes): void {
    const verdict = this.#records.judge(SEVERITY_INFO, RETURN_SCOPE.name)
    if (verdict === 'drop') return
    this.#records.emit({ severityNumber: SEVERITY_INFO, eventName, body, attributes }, RETURN_SCOPE, verdict)
  }
}
