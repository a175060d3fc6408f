/**
 * Which inbound requests are under way? At the end of the process each of them still gets its completion record.
 */
import type { ServerResponse } from 'node:http'

import { endOf, type ServerHop } from './server-hop.ts'

const open = new Map<ServerHop, ServerResponse>()

/** @returns call it when the hop has ended by itself */
export function trackHop(hop: ServerHop, response: ServerResponse): () => void {
  open.set(hop, response)
  return () => open.delete(hop)
}

/** Ends them all: the process does. What is not complete is recorded as aborted. */
export function finishOpenHops(): void {
  for (const [hop, response] of open) hop.finish(endOf(response))
  open.clear()
}

/** The open hop of a unit, or `undefined`. */
export function openHopOf(unit: object): ServerHop | undefined {
  for (const hop of open.keys()) if (hop.unit === unit) return hop
  return undefined
}
