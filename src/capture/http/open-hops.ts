/**
 * Which inbound requests are under way? At the end of the process each of them still gets its completion record.
 */
import type { ResponseEnd, ServerHop } from './server-hop.ts'

const open = new Map<ServerHop, () => ResponseEnd>()

/**
 * @param endNow  how the response stands at the moment of the call
 * @returns call it when the hop has ended by itself
 */
export function trackHop(hop: ServerHop, endNow: () => ResponseEnd): () => void {
  open.set(hop, endNow)
  return () => open.delete(hop)
}

/** Ends them all: the process does. What is not complete is recorded as aborted. */
export function finishOpenHops(): void {
  for (const [hop, endNow] of open) hop.finish(endNow())
  open.clear()
}

/** The open hop of a unit, or `undefined`. */
export function openHopOf(unit: object): ServerHop | undefined {
  for (const hop of open.keys()) if (hop.unit === unit) return hop
  return undefined
}
