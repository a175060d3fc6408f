/**
 * What every view of one live list does: the list starts in its viewport, asks when the question changes, follows while the reader wants
 * to, and goes with the view.
 */
import { useSignalEffect } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import { addKeys, type KeyBinding } from './keys.ts'
import { clearSaid, wantsLive } from './view.ts'

export interface LiveList {
  ask(): void
  follow(isWanted: boolean): void
  stop(): void
}

export interface StartedList<List extends LiveList> {
  readonly list: List
  /** In force as long as the list is; the key that pauses it is added. */
  readonly keys: readonly KeyBinding[]
  /** What else ends with it. */
  readonly parts: readonly { stop(): void }[]
}

export interface ShownList<List extends LiveList> {
  /** For the element that scrolls. */
  readonly viewport: RefObject<HTMLDivElement | null>
  readonly list: RefObject<List | null>
}

/** @param start  called once, when the viewport is there */
export function useLiveList<List extends LiveList>(
  start: (viewport: HTMLElement) => StartedList<List>,
): ShownList<List> {
  const viewport = useRef<HTMLDivElement>(null)
  const shown = useRef<List>(null)
  useEffect(() => {
    const { list, keys, parts } = start(viewport.current as HTMLDivElement)
    shown.current = list
    const removeKeys = addKeys([...keys, PAUSE])
    return () => {
      removeKeys()
      list.stop()
      for (const part of parts) part.stop()
      clearSaid()
    }
  }, [])
  useSignalEffect(() => shown.current?.ask())
  useSignalEffect(() => shown.current?.follow(wantsLive.value))
  return { viewport, list: shown }
}

const PAUSE: KeyBinding = { keys: [' '], says: 'pause, go on', run: () => (wantsLive.value = !wantsLive.value) }

/** @param what  one row is: `error` */
export function stepKeys(rows: { step(by: number): void }, what: string): readonly KeyBinding[] {
  return [
    { keys: ['j', 'ArrowDown'], says: `next ${what}`, run: () => rows.step(1) },
    { keys: ['k', 'ArrowUp'], says: `${what} before`, run: () => rows.step(-1) },
  ]
}
