/**
 * How long it took, as a figure of a column of milliseconds: `0.42`, `41.2`; `…` of what has not ended.
 */
export function tookText(millis: number | null | undefined): string {
  if (millis === null || millis === undefined) return '…'
  return millis < 1 ? millis.toFixed(2) : millis.toFixed(1)
}
