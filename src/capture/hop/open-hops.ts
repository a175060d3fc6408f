/**
 * Which hops are under way? At the end of the process each of them is still finished.
 *
 * Held weakly: a response that its application takes away from its socket is never closed, and must not stay for ever. A
 * WeakRef for each request would be dear, so hops are held as they are for a second at least, and weakly from then on.
 */

import { monotonicMillis } from '../../diag/clock.ts'
import { safely } from '../../diag/guarded.ts'

/** What is under way: a link in the list of the young ones. */
export interface OpenHop {
  /** Of this file alone. */
  openBefore?: OpenHop | undefined
  openAfter?: OpenHop | undefined
  /** Ends it as it stands: the process ends. */
  finishNow(): void
}

/** Before a hop is held weakly. Milliseconds. */
const YOUNG_MILLIS = 1_000

type OpenHopRef = WeakRef<OpenHop>

/** The ring's beginning and end; the hops are its links themselves, for a Set's entry cost each 60 ns more (Node 24). */
const young: Required<OpenHop> = { finishNow: () => {}, openBefore: undefined, openAfter: undefined }
young.openBefore = young.openAfter = young
const old = new Set<OpenHopRef>()
/** Where the reference to an old hop is, to forget it. */
const references = new WeakMap<OpenHop, OpenHopRef>()
let agedMillis = 0

/** @param nowMillis  `performance.now()` */
export function trackHop(hop: OpenHop, nowMillis: number = monotonicMillis()): void {
  if (nowMillis - agedMillis > YOUNG_MILLIS) age(nowMillis)
  const last = young.openBefore as OpenHop
  hop.openBefore = last
  hop.openAfter = young
  last.openAfter = hop
  young.openBefore = hop
}

/** The hop has ended by itself. */
export function untrackHop(hop: OpenHop): void {
  if (hop.openBefore !== undefined) {
    unlink(hop)
    return
  }
  const reference = references.get(hop)
  if (reference !== undefined) old.delete(reference)
}

/** Ends them all: the process does. */
export function finishOpenHops(): void {
  const open = openHops()
  takeYoung()
  old.clear()
  for (const hop of open) safely('open hop', () => hop.finishNow())
}

/** How many are open and still in memory. */
export function openHopCount(): number {
  return openHops().length
}

function openHops(): readonly OpenHop[] {
  const survivors = [...old].map((reference) => reference.deref()).filter((hop) => hop !== undefined)
  return [...survivors, ...youngHops()]
}

function youngHops(): readonly OpenHop[] {
  const hops: OpenHop[] = []
  for (let hop = young.openAfter; hop !== undefined && hop !== young; hop = hop.openAfter) hops.push(hop)
  return hops
}

/** None of them is young any more. */
function takeYoung(): readonly OpenHop[] {
  const hops = youngHops()
  hops.forEach(unlink)
  return hops
}

function unlink(hop: OpenHop): void {
  const { openBefore, openAfter } = hop
  if (openBefore !== undefined) openBefore.openAfter = openAfter
  if (openAfter !== undefined) openAfter.openBefore = openBefore
  hop.openBefore = hop.openAfter = undefined
}

function age(nowMillis: number): void {
  agedMillis = nowMillis
  for (const reference of old) if (reference.deref() === undefined) old.delete(reference)
  for (const hop of takeYoung()) {
    const reference = new WeakRef(hop)
    references.set(hop, reference)
    old.add(reference)
  }
}
