/**
 * Is memory flat? The straight line through what was measured, by least squares, and how far the end lies above the beginning.
 */
export interface Sample {
  readonly minutes: number
  readonly mebibytes: number
}

/** In MiB per minute; `NaN` for fewer than two samples. */
export function slopeOf(samples: readonly Sample[]): number {
  const x = meanOf(samples.map(({ minutes }) => minutes))
  const y = meanOf(samples.map(({ mebibytes }) => mebibytes))
  const rise = samples.reduce((sum, { minutes, mebibytes }) => sum + (minutes - x) * (mebibytes - y), 0)
  const run = samples.reduce((sum, { minutes }) => sum + (minutes - x) ** 2, 0)
  return rise / run
}

/** Without the first part, in which a process warms up: a third of the time, at most five minutes. */
export function settled(samples: readonly Sample[]): readonly Sample[] {
  const from = Math.min((samples.at(-1)?.minutes ?? 0) / 3, 5)
  return samples.filter(({ minutes }) => minutes >= from)
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
