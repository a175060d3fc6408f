/**
 * Who else sees what is recorded, as it leaves: tests of applications (src/testing.ts). What every process has of it: a seat, empty.
 *
 * While somebody sits there, records and spans are objects on their way, records come as far as him although nothing leaves the
 * process, and he may want lines that no level lets through. Who sees what is decided in witnesses.ts, compiled by the first test.
 */
import type { Context } from '@opentelemetry/api'

import type { RequestUnit } from '../context/request-unit.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { SEVERITY_OFF } from '../model/severity.ts'
import type { SpanRecord } from '../model/span-record.ts'
import type { LevelHolder } from '../record/levels.ts'

/** MUST NOT throw. */
export interface Witnesses {
  /** Whether one of them wants a line that no level lets through. @param active  whose line it is */
  wants(severityNumber: number, active: Context): boolean
  /** A record as it leaves; or, held, as it would leave. */
  log(
    record: LogRecord,
    scope: InstrumentationScope,
    seen: { readonly active: Context; readonly isHeld: boolean },
  ): void
  /** An ended span, as it leaves. */
  span(span: SpanRecord, scope: InstrumentationScope): void
}

export interface WitnessSeat {
  current: Witnesses | undefined
}

export interface Holders {
  readonly recorder: LevelHolder | undefined
  readonly seat: WitnessSeat
  /** Lines may be returned to callers. */
  readonly isReturning: boolean
  readonly active: () => Context
}

function isReturned({ returning }: RequestUnit, severityNumber: number): boolean {
  return returning !== undefined && severityNumber >= returning.from
}

/** The recorder, the caller of the unit, and who sits in the seat: each may want a line. */
export function holderBeside({ recorder, seat, isReturning, active }: Holders): LevelHolder {
  let isForRecorder = false
  const isAlwaysHolding = recorder !== undefined || isReturning
  return {
    get isHolding() {
      return isAlwaysHolding || seat.current !== undefined
    },
    watchesFrom: recorder?.watchesFrom ?? SEVERITY_OFF,
    holds(severityNumber, unit) {
      isForRecorder = recorder?.holds(severityNumber, unit) === true
      if (
        isForRecorder ||
        (unit !== undefined && severityNumber >= unit.captureFrom && isReturned(unit, severityNumber))
      )
        return true
      return seat.current?.wants(severityNumber, active()) === true
    },
    expect() {
      if (isForRecorder) recorder?.expect()
    },
  }
}
