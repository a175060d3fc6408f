/**
 * TRACELOG_DEBUG=1: which libraries were hooked since the start, which could not be, and which the application had loaded before us. What it
 * did with those until then was not heard.
 */
import type { Instrumentation } from '../capture/instrumentation.ts'
import { loadedBefore } from '../capture/module-hooks.ts'

/**
 * Called at the start, when all are enabled.
 *
 * @returns the line as of now; none while there is nothing to say
 */
export function createLibrariesLine(instrumentations: readonly Instrumentation[]): () => readonly string[] {
  const before = loadedBefore()
  const waiting = instrumentations.filter((one) => one.status() === 'waiting')
  return () => {
    const parts = [
      partOf('hooked', namesOf(waiting, 'active')),
      partOf('could not be hooked', namesOf(instrumentations, 'failed')),
      partOf('loaded before the preload', before),
    ].filter((part) => part !== '')
    return parts.length === 0 ? [] : [`libraries: ${parts.join('; ')}`]
  }
}

function namesOf(instrumentations: readonly Instrumentation[], status: 'active' | 'failed'): string[] {
  return instrumentations.filter((one) => one.status() === status).map(({ name }) => name)
}

function partOf(title: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${title} ${names.join(', ')}`
}
