/**
 * Whether the reader is at a list with hand or eye: the pointer has been over it for a second, or text in it is selected. Then nothing moves.
 */
const REST_MILLIS = 1_000

export interface Hold {
  readonly isHeld: () => boolean
  readonly stop: () => void
}

/** @param released  called when the pointer has gone */
export function watchHold(viewport: HTMLElement, released: () => void): Hold {
  let since: number | undefined
  const enter = () => {
    since ??= performance.now()
  }
  const leave = () => {
    since = undefined
    released()
  }
  viewport.addEventListener('pointerenter', enter)
  viewport.addEventListener('pointermove', enter)
  viewport.addEventListener('pointerleave', leave)
  return {
    isHeld: () => (since !== undefined && performance.now() - since >= REST_MILLIS) || hasSelection(viewport),
    stop() {
      viewport.removeEventListener('pointerenter', enter)
      viewport.removeEventListener('pointermove', enter)
      viewport.removeEventListener('pointerleave', leave)
    },
  }
}

function hasSelection(viewport: HTMLElement): boolean {
  const selection = document.getSelection()
  return selection !== null && !selection.isCollapsed && viewport.contains(selection.anchorNode)
}
