/**
 * Which hops are under way? At the end of the process each of them is still finished.
 *
 * Held weakly: a response that its application takes away from its socket is never closed, and must not stay for ever. A
 * WeakRef for each request would be dear, so hops are held as they are for a second at least, and weakly from then on.
 */

import { monotonicMillis } from '../../diag/clock.ts'
import { safely } from '../../diag/guarded.ts'

/** What is under way. */
export interface OpenHop {
  /** Ends it as it stands: the process ends. */
  finishNow(): void
}

/** Before a hop is held weakly. Milliseconds. */
const YOUNG_MILLIS = 1_000

type OpenHopRef = WeakRef<OpenHop>

const young = new Set<OpenHop>()
const old = new Set<OpenHopRef>()
/** Where the reference to an old hop is, to forget it. */
const references = new WeakMap<OpenHop, OpenHopRef>()
let agedMillis = 0

/** @param nowMillis  `performance.now()` */
export function trackHop(hop: OpenHop, nowMillis: number = monotonicMillis()): void {
  if (nowMillis - agedMillis > YOUNG_MILLIS) age(nowMillis)
  young.add(hop)
}

/** The hop has ended by itself. */
export function untrackHop(hop: OpenHop): void {
  if (young.delete(hop)) return
  const reference = references.get(hop)
  if (reference !== undefined) old.delete(reference)
}

/** Ends them all: the process does. */
export function finishOpenHops(): void {
  const open = openHops()
  young.clear()
  old.clear()
  for (const hop of open) safely('open hop', () => hop.finishNow())
}

/** How many are open and still in memory. */
export function openHopCount(): number {
  return openHops().length
}

function openHops(): readonly OpenHop[] {
  const survivors = [...old].map((reference) => reference.deref()).filter((hop) => hop !== undefined)
  return [...survivors, ...young]
}

function age(nowMillis: number): void {
  agedMillis = nowMillis
  for (const reference of old) if (reference.deref() === undefined) old.delete(reference)
  for (const hop of young) {
    const reference = new WeakRef(hop)
    references.set(hop, reference)
    old.add(reference)
  }
  young.clear()
}
