/**
 * A dialog over the page: open as long as its signal says so, closed by Escape and its button; meanwhile the page's keys rest (keys.ts).
 */
import type { Signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

export interface DialogProps {
  readonly isOpen: Signal<boolean>
  /** Its heading. */
  readonly label: string
  /** Its class. */
  readonly name: string
  readonly children: ComponentChildren
}

export function Dialog({ isOpen, label, name, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  // With the change itself: the next key may already be meant for it.
  useLayoutEffect(() => {
    if (isOpen.value) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen.value])
  const close = () => {
    isOpen.value = false
  }
  // Now: the browser says only later that it has closed a dialog, and may leave out that it is about to.
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    close()
  }
  // Told late, when it may be open again.
  const closed = () => {
    if (dialog.current?.open !== true) close()
  }
  return (
    <dialog ref={dialog} class={`over ${name}`} aria-label={label} onKeyDown={escape} onCancel={close} onClose={closed}>
      <h2>{label}</h2>
      {children}
      <form method="dialog">
        <button type="submit" class="pill">
          close
        </button>
      </form>
    </dialog>
  )
}
