/**
 * How one request is looked at: what of it is in the address, and what lasts as long as the view.
 */
import { type Signal, signal } from '@preact/signals'

import { change, param } from '../state.ts'
import { type ClockMode, TIME_MODES, type TimeMode } from './at-text.ts'
import type { TimeWindow } from './bars.ts'
import type { RequestModel } from './model.ts'

/** Toggles beyond it are forgotten by the address: a link should stay a link. */
const MAX_TOGGLES = 60
const ALL = 'all'

export interface Look {
  /** Part of the time that the minimap was drawn over. */
  readonly zoom: Signal<TimeWindow | undefined>
  /** Services whose rows are dimmed. */
  readonly muted: Signal<ReadonlySet<string>>
  /** Keys of folded frames that were opened. */
  readonly frames: Signal<ReadonlySet<string>>
}

export function createLook(): Look {
  return { zoom: signal(undefined), muted: signal(new Set()), frames: signal(new Set()) }
}

export function timeMode(): TimeMode {
  const mode = param('mode')
  return TIME_MODES.find((known) => known === mode) ?? 'rel'
}

export function clockMode(): ClockMode {
  return param('clocks') === 'raw' ? 'raw' : 'adjusted'
}

export function nextTimeMode(): void {
  const next = TIME_MODES[(TIME_MODES.indexOf(timeMode()) + 1) % TIME_MODES.length]
  change({ mode: next === 'rel' ? undefined : next }, { replaces: true })
}

export function switchClocks(): void {
  change({ clocks: clockMode() === 'raw' ? undefined : 'raw' }, { replaces: true })
}

/** Rows whose state differs from how they start; after `all`, from folded. */
function toggles(text: string): { readonly isAll: boolean; readonly ids: readonly string[] } {
  const [first = '', ...others] = text.split('~')
  return first === ALL ? { isAll: true, ids: others } : { isAll: false, ids: first === '' ? [] : [first, ...others] }
}

/** Which rows are folded. @param text  as the address says it */
export function foldedRows({ outline, folded }: RequestModel, text = param('fold')): (index: number) => boolean {
  const { isAll, ids } = toggles(text)
  const toggled = new Set(ids.map((id) => outline.indexOf.get(id)))
  const isFoldable = (index: number): boolean => (outline.ends[index] ?? 0) > index + 1
  return (index) => isFoldable(index) && (isAll || folded.has(index)) !== toggled.has(index)
}

export function toggleFold(id: string): void {
  const { isAll, ids } = toggles(param('fold'))
  const next = ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id].slice(-MAX_TOGGLES)
  const text = [...(isAll ? [ALL] : []), ...next].join('~')
  change({ fold: text }, { replaces: true })
}

/** Folds everything, and the second time unfolds it. */
export function foldAll(): void {
  change({ fold: toggles(param('fold')).isAll ? undefined : ALL }, { replaces: true })
}
