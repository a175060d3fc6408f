/**
 * Where the reader is: the address as a signal, and the ways to change it. All state that a link should carry is in it.
 *
 * Back and forward bring a place back with its scroll anchor, which lies beside the address in the history.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals'

import { addressOf, type Changes, changed, matchPath, otherView, type Place, placeOf } from './address.ts'

/** Paths that this page shows; all others are asked of the backend. */
let shownHere: readonly string[] = []

const current = signal<Place>(placeOf(location.href))

export const place: ReadonlySignal<Place> = current

/** A parameter of the address, `''` when it is not there. */
export function param(name: string): string {
  return current.value.params.get(name) ?? ''
}

export const query: ReadonlySignal<string> = computed(() => param('q'))

/** What a view keeps beside its address: where it was scrolled to. */
export interface Kept {
  /** The row at the top of the list. */
  readonly anchor?: string
}

export function kept(): Kept {
  return (history.state as Kept | null) ?? {}
}

/** Remembers it for when the reader comes back here; no new entry of the history. */
export function keep(changes: Kept): void {
  history.replaceState({ ...kept(), ...changes }, '')
}

/** Changes parameters. A new entry of the history, unless it only says more exactly where the reader is. */
export function change(changes: Changes, { replaces = false }: { readonly replaces?: boolean } = {}): void {
  move(changed(current.peek(), changes), replaces)
}

/** Another view, with the same question. */
export function openView(path: string): void {
  move(otherView(current.peek(), path), false)
}

/** An address of the page, as a link has it. */
export function openAddress(address: string): void {
  move(placeOf(address), false)
}

/** For links: another view, with the same question. */
export function addressOfView(path: string): string {
  return addressOf(otherView(current.value, path))
}

function move(next: Place, replaces: boolean): void {
  const address = addressOf(next)
  if (address === addressOf(current.peek())) return
  if (!shownHere.some((pattern) => matchPath(pattern, next.path) !== undefined)) return location.assign(address)
  if (replaces) history.replaceState(kept(), '', address)
  else history.pushState({}, '', address)
  current.value = next
}

/** Follows back and forward, and links within the page. @param paths  patterns of the views that are here */
export function followHistory(paths: readonly string[]): void {
  shownHere = paths
  history.scrollRestoration = 'manual'
  addEventListener('popstate', () => {
    current.value = placeOf(location.href)
  })
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[data-view]') : null
    if (link === null || event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    openAddress(link.getAttribute('href') ?? '/')
  })
}
