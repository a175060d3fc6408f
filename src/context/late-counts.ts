/**
 * Some count only afterwards what was done within a request: they are told before the request's numbers are read.
 */
type Listener = () => void

const listeners = new Set<Listener>()

/** @returns no longer */
export function onNumbersAsked(listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function settleCounts(): void {
  if (listeners.size > 0) for (const listener of listeners) listener()
}
