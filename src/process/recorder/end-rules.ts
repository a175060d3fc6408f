/**
 * Does a unit that ends want its dump, and why? Of several reasons the first counts: exception, status, exit, slow, abort, sample.
 */
import type { RequestUnit, UnitEnd } from '../../context/request-unit.ts'
import type { DumpReason } from '../../model/recorder-stats.ts'

export interface StatusRange {
  readonly from: number
  readonly to: number
}

export interface EndRules {
  readonly dumpStatuses: readonly StatusRange[]
  /** From which duration on a unit is dumped; `undefined`: none. Milliseconds. */
  readonly slowMillis: number | undefined
  /** Whether units are dumped whose client was gone first. */
  readonly dumpsAborted: boolean
  /** Share of all units that are dumped whatever their end. 0 to 1. */
  readonly ratio: number
}

/** @param isFailing  the process ends with an error: what still runs is cut off */
export function reasonAtEnd(
  unit: RequestUnit,
  end: UnitEnd,
  rules: EndRules,
  isFailing: boolean,
): DumpReason | undefined {
  if (unit.hasThrown) return 'exception'
  if (end.hasFailed === true || hasOtherError(end) || isDumpStatus(end.status, rules)) return 'status'
  if (isFailing) return 'exit'
  if (rules.slowMillis !== undefined && end.millis >= rules.slowMillis) return 'slow'
  if (rules.dumpsAborted && end.isAborted) return 'abort'
  return rules.ratio > 0 && isSample(unit.traceId, rules.ratio) ? 'sample' : undefined
}

/** What does not fail by a status: a gRPC call. */
function hasOtherError({ errorType, status }: UnitEnd): boolean {
  return errorType !== undefined && (status ?? 0) < 500
}

export function isDumpStatus(status: number | undefined, { dumpStatuses }: Pick<EndRules, 'dumpStatuses'>): boolean {
  return status !== undefined && dumpStatuses.some(({ from, to }) => status >= from && status <= to)
}

/** By the trace id, so that all services of a request choose alike. */
function isSample(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32
}
