/**
 * Keys and values for the query that is being written, asked a moment after typing; never after a paste, which is a query already.
 */
import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

import type { Fields } from '../../model/api.ts'
import { ask } from './api.ts'
import { type Completion, completionsOf, type Unfinished, unfinishedAt } from './complete.ts'

const WAIT_MILLIS = 150

export interface Suggested {
  readonly of: Unfinished
  readonly completions: readonly Completion[]
  /** Which one Enter and Tab take; -1: none. */
  readonly chosen: number
}

export interface UsedCompletion {
  readonly suggested: Signal<Suggested | undefined>
  /** After each change of the input. */
  readonly typed: (input: HTMLInputElement, isPasted: boolean) => void
  readonly close: () => void
  /** Takes keys while suggestions are open. @returns whether it took this one */
  readonly onKey: (event: KeyboardEvent) => boolean
}

/** @param take  writes a completion into the text */
export function useCompletion(take: (of: Unfinished, completion: Completion) => void): UsedCompletion {
  const suggested = useSignal<Suggested | undefined>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const close = () => {
    clearTimeout(timer.current)
    suggested.value = undefined
  }
  useEffect(() => close, [])
  const typed = (input: HTMLInputElement, isPasted: boolean) => {
    close()
    const of = isPasted ? undefined : unfinishedAt(input.value, input.selectionStart ?? 0)
    if (of === undefined) return
    const asked = input.value
    timer.current = setTimeout(() => {
      ask('fields', { prefix: of.key ?? of.prefix }).then(
        (answer) => {
          const completions = completionsOf(of, (answer as Fields).fields)
          // What was typed since then asks again.
          if (input.value === asked && completions.length > 0) suggested.value = { of, completions, chosen: -1 }
        },
        () => {},
      )
    }, WAIT_MILLIS)
  }
  const onKey = (event: KeyboardEvent): boolean => {
    const open = suggested.value
    if (open === undefined) return false
    const { length } = open.completions
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const completion = open.completions[event.key === 'Tab' ? Math.max(0, open.chosen) : open.chosen]
    if (by !== undefined)
      suggested.value = { ...open, chosen: (open.chosen + by + length + (open.chosen < 0 && by < 0 ? 1 : 0)) % length }
    else if (event.key === 'Escape') close()
    else if ((event.key === 'Enter' || event.key === 'Tab') && completion !== undefined) {
      close()
      take(open.of, completion)
    } else return false
    return true
  }
  return { suggested, typed, close, onKey }
}
