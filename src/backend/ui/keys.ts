/**
 * Keys: what each does, told by `?`. A view's come before the shell's; none while typing, and Ctrl and Meta are left alone.
 */
import { signal } from '@preact/signals'

export interface KeyBinding {
  /** `KeyboardEvent.key`; `Shift+ArrowLeft` where Shift is meant. The first one is shown. */
  readonly keys: readonly string[]
  /** What it does: `next row`. */
  readonly says: string
  readonly run: () => void
}

const sets = signal<readonly (readonly KeyBinding[])[]>([])

/** All that are in force, a view's first. */
export function allKeys(): readonly KeyBinding[] {
  return sets.value.flat()
}

/** In force until the returned function is called. @param isLast  others come first */
export function addKeys(bindings: readonly KeyBinding[], isLast = false): () => void {
  sets.value = isLast ? [...sets.peek(), bindings] : [bindings, ...sets.peek()]
  return () => {
    sets.value = sets.peek().filter((set) => set !== bindings)
  }
}

export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.defaultPrevented) return
    const { target } = event
    // A dialog that has just been closed still has the focus for a moment: only an open one takes keys.
    if (document.querySelector('dialog:modal') !== null) return
    const isTyping = target instanceof HTMLElement && target.closest('input, select, textarea') !== null
    if (isTyping) return
    // A button takes these itself.
    if (target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ')) return
    const name = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key
    const binding = allKeys().find(({ keys }) => keys.includes(name))
    if (binding === undefined) return
    event.preventDefault()
    binding.run()
  })
}
