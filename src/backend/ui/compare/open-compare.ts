/**
 * Ways to the comparison: of one request with the good one of its kind, of two that were marked.
 */
import { type ReadonlySignal, signal } from '@preact/signals'

import type { KeyBinding } from '../keys.ts'
import { openAddress } from '../state.ts'

const marks = signal<readonly string[]>([])

/** Trace ids, at most two; the first one is the one that is compared with. */
export const marked: ReadonlySignal<readonly string[]> = marks

/** @param a  the one that is compared with; left out: the good one of its kind */
export function compareAddress(b: string, a = ''): string {
  return `/diff?${new URLSearchParams(a === '' ? { b } : { a, b }).toString()}`
}

export function switchMark(traceId: string): void {
  const known = marks.peek()
  marks.value = known.includes(traceId) ? known.filter((id) => id !== traceId) : [...known, traceId].slice(-2)
}

/** For a list of requests. @param current  the request that the reader is at */
export function markKeys(current: () => string | undefined, repaint: () => void): KeyBinding[] {
  const withCurrent = (run: (id: string) => void) => () => {
    const id = current()
    if (id !== undefined) run(id)
  }
  return [
    {
      keys: ['x'],
      says: 'mark, to compare two',
      run: withCurrent((id) => {
        switchMark(id)
        repaint()
      }),
    },
    {
      keys: ['D'],
      says: 'compare: the two that are marked, or this one with a good one',
      run: () => compareMarked(current()),
    },
  ]
}

function compareMarked(current: string | undefined): void {
  const [a, b] = marks.peek()
  if (a !== undefined && b !== undefined) return openAddress(compareAddress(b, a))
  if (a !== undefined && current !== undefined && a !== current) return openAddress(compareAddress(current, a))
  if (current !== undefined) openAddress(compareAddress(current))
}
