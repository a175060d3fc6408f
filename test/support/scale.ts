/**
 * How large a test of the scorecard is: small in each pull request, whole with `npm run scorecard -- --full`.
 */

/** Set by test/scorecard/run.ts. */
export const SCALE_VARIABLE = 'TRACELOG_SCORECARD'

export interface Sizes<T> {
  /** What a pull request has time for: at most 20 s a row on two cores. */
  readonly pullRequest: T
  /** What the row of the scorecard asks for. */
  readonly full: T
}

/** @returns the size for this run: `pullRequest` unless the whole scorecard was asked for */
export function scaled<T>({ pullRequest, full }: Sizes<T>): T {
  return isWhole() ? full : pullRequest
}

function isWhole(): boolean {
  return process.env[SCALE_VARIABLE] === 'full'
}
