/**
 * With which error does a framework answer the current request? Told on the hop if the answer is a 5xx: an error that becomes a 404 is
 * no failure.
 */
import { currentUnit } from '../../context/request-unit.ts'

/** Of several the last one: an error handler may fail itself. */
export function noteFailure(error: unknown): void {
  const unit = currentUnit()
  if (unit !== undefined && !unit.hasEnded) unit.failure = error
}

/** With which error did a part of the answer fail, whatever its status? Of several the first one. */
export function notePartFailure(error: unknown): void {
  const unit = currentUnit()
  if (unit === undefined || unit.hasEnded || unit.hasFailedPart) return
  unit.failure = error
  unit.hasFailedPart = true
}
