/**
 * A timestamp as a clock on the wall shows it, in the reader's own time zone.
 */

/** `14:32:06.981`; the text itself when it is no time. */
export function clockTime(timestamp: string): string {
  const time = new Date(timestamp)
  if (Number.isNaN(time.getTime())) return timestamp.slice(0, 12).replace(/[^\x20-\x7e]/g, '?')
  const millis = String(time.getMilliseconds()).padStart(3, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${millis}`
}

/** `14:32:06.981`, with the day before it when that is not today. */
export function clockTimeOfDay(timestamp: string, now: Date = new Date()): string {
  const time = new Date(timestamp)
  if (Number.isNaN(time.getTime()) || time.toDateString() === now.toDateString()) return clockTime(timestamp)
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clockTime(timestamp)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
