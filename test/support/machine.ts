/**
 * Limits of time on a machine that does other things too. What a figure must be is measured by test/bench; a test's limit only has
 * to be one that the same machine would keep if it were idle.
 */

/** Of processor time, spent to see how long it takes. */
const SPIN_MILLIS = 30

/** `millis` as long as this thread had to wait for its processor just now: the same on an idle machine, ten times on a crowded one. */
export function slack(millis: number): number {
  const started = performance.now()
  const before = process.threadCpuUsage()
  while (cpuMillisSince(before) < SPIN_MILLIS);
  return millis * Math.max(1, (performance.now() - started) / SPIN_MILLIS)
}

/** Processor time of this thread that `run` takes: what others do meanwhile does not count. */
export function cpuMillis(run: () => void): number {
  const before = process.threadCpuUsage()
  run()
  return cpuMillisSince(before)
}

function cpuMillisSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}
