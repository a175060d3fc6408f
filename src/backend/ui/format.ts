/**
 * Numbers, times and values as the page writes them.
 */

/** `0.311`, `41.2`, `1 204`: as many digits as say something. Milliseconds. */
export function formatMillis(millis: number): string {
  if (millis >= 10_000) return `${(millis / 1_000).toFixed(1)} s`
  if (millis >= 100) return `${millis.toFixed(0)} ms`
  if (millis >= 1) return `${millis.toFixed(1)} ms`
  return `${millis.toFixed(2)} ms`
}

/** `14:32:06.981` of an RFC 3339 time in UTC. */
export function clockOf(timestamp: string): string {
  return timestamp.slice(11, 23)
}

/** One attribute value on one line. */
export function formatValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** Which of the eight lane colours a service has: the same everywhere, whatever else is shown. */
export function laneOf(service: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < service.length; index++) {
    hash = Math.imul(hash ^ service.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0) % 8
}
