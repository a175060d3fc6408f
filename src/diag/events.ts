/**
 * The only functions of ours that speak: each counts, and writes a line on stderr no more than once per 10 s.
 *
 * Every line begins with `tracelog: `; there is none while all is well. Never through console, a logger or our own pipeline.
 */
import { writeSync } from 'node:fs'

import { safeOwnText } from '../model/secrets/own-text.ts'
import { monotonicMillis } from './clock.ts'

/** Between two lines of the same kind. Milliseconds. */
const QUIET_MILLIS = 10_000

/** When each kind last spoke. */
const lastSpoken = new Map<string, number>()
const saidOnce = new Set<string>()

/**
 * One line on stderr, written synchronously: it may be the last thing the process does.
 *
 * @param kind  what the line is about; the same kind is silent for 10 s
 * @returns whether it was written
 */
export function say(kind: string, text: string, nowMillis: number = monotonicMillis()): boolean {
  const last = lastSpoken.get(kind)
  if (last !== undefined && nowMillis - last < QUIET_MILLIS) return false
  lastSpoken.set(kind, nowMillis)
  tell(text)
  return true
}

/** One line on stderr, whatever was said before: for what is bounded by other means. */
export function tell(text: string): void {
  try {
    writeSync(2, `tracelog: ${safeOwnText(text)}\n`)
  } catch {
    // A closed or full stderr is no reason to disturb the application.
  }
}

/** Says something once in the life of the process. */
export function sayOnce(kind: string, text: string): boolean {
  if (saidOnce.has(kind)) return false
  saidOnce.add(kind)
  return say(kind, text)
}
