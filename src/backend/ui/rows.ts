/**
 * A long list of rows of one height: a small pool of elements, painted once per animation frame, outside of Preact.
 *
 * Rows may come in above without moving what the reader looks at: the list keeps the row at its top where it is. One row is current; the list has the focus and names it (`aria-activedescendant`), since elements are used again.
 */

import type { RowSource } from './row-source.ts'

export interface RowListOptions<T> {
  /** Scrolls; has the role of a grid. */
  readonly viewport: HTMLElement
  /** Of every row, pixels; asked again when the window changes. */
  readonly height: () => number
  /** An empty row. */
  readonly create: () => HTMLElement
  readonly paint: (element: HTMLElement, row: T) => void
  /** Whether the reader is at the list, so that nothing may move even at its top. */
  readonly isHeld?: () => boolean
  readonly onOpen: (row: T) => void
  readonly onCurrent?: (row: T) => void
  /** The end is near: more rows may be fetched. */
  readonly onEnd?: () => void
  /** After each frame: what is at the top now. */
  readonly onTop?: (row: T | undefined, isAtTop: boolean) => void
}

/** Painted beyond both edges of what is seen. */
const BEYOND = 6
/** From the end, where more is asked for. */
const NEAR = 40

export class RowList<T> {
  readonly #options: RowListOptions<T>
  readonly #pad: HTMLElement
  readonly #pool: HTMLElement[] = []
  readonly #watch: ResizeObserver
  #shown: (T | undefined)[] = []
  #rows: RowSource<T> = []
  #height: number
  #current = -1
  #frame = 0
  /** Where we scrolled to, to hold what was at the top: undone when the reader lets go, unless he scrolls himself. */
  #heldAt: number | undefined

  constructor(options: RowListOptions<T>) {
    this.#options = options
    this.#height = options.height()
    this.#pad = document.createElement('div')
    this.#pad.className = 'pad'
    this.#pad.setAttribute('role', 'rowgroup')
    const { viewport } = options
    viewport.append(this.#pad)
    viewport.addEventListener('scroll', this.#soon, { passive: true })
    viewport.addEventListener('click', this.#clicked)
    this.#watch = new ResizeObserver(() => this.#resized())
    this.#watch.observe(viewport)
  }

  /** Elements in use, for tests of the list itself. */
  get poolSize(): number {
    return this.#pool.length
  }

  get isAtTop(): boolean {
    return this.#options.viewport.scrollTop < this.#height / 2
  }

  /** Whether what comes in at the top is seen at once. */
  get isFollowing(): boolean {
    return this.isAtTop && this.#options.isHeld?.() !== true
  }

  get current(): T | undefined {
    return this.#current < 0 ? undefined : this.#rows.at(this.#current)
  }

  /** @param above  so many of them have come in at the top since the last call */
  setRows(rows: RowSource<T>, above = 0): void {
    const { viewport } = this.#options
    const wasHeld = this.isAtTop || this.#heldAt === viewport.scrollTop
    const stays = above > 0 && !this.isFollowing
    this.#rows = rows
    if (this.#current >= 0) this.#current = Math.min(rows.length - 1, this.#current + above)
    this.#layOut()
    if (stays) {
      viewport.scrollTop += above * this.#height
      this.#heldAt = wasHeld ? viewport.scrollTop : undefined
    }
    this.#soon()
  }

  /** Paints what is seen again, where a row has changed in place. */
  repaint(): void {
    this.#shown = []
    this.#soon()
  }

  /** The reader has let go: a list that was held at its top goes on there. */
  release(): void {
    const { viewport } = this.#options
    if (this.#heldAt !== undefined && Math.abs(this.#heldAt - viewport.scrollTop) < 1) viewport.scrollTop = 0
    this.#heldAt = undefined
  }

  step(by: number): void {
    if (this.#rows.length === 0) return
    this.select(this.#current < 0 ? 0 : Math.min(this.#rows.length - 1, Math.max(0, this.#current + by)))
  }

  select(index: number): void {
    this.#current = index
    this.reveal(index)
    this.repaint()
    const row = this.#rows.at(index)
    if (row !== undefined) this.#options.onCurrent?.(row)
  }

  open(): void {
    if (this.current !== undefined) this.#options.onOpen(this.current)
  }

  /** Scrolls as little as needed. */
  reveal(index: number): void {
    const { viewport } = this.#options
    const top = index * this.#height
    const below = top + this.#height - viewport.clientHeight
    if (top < viewport.scrollTop) viewport.scrollTop = top
    else if (below > viewport.scrollTop) viewport.scrollTop = below
  }

  /** Scrolls so that it is the first that is seen. */
  scrollTo(index: number): void {
    this.#options.viewport.scrollTop = index * this.#height
    this.#soon()
  }

  stop(): void {
    cancelAnimationFrame(this.#frame)
    this.#watch.disconnect()
    this.#options.viewport.removeEventListener('scroll', this.#soon)
    this.#options.viewport.removeEventListener('click', this.#clicked)
    this.#pad.remove()
  }

  #layOut(): void {
    this.#pad.style.height = `${this.#rows.length * this.#height}px`
    this.#options.viewport.setAttribute('aria-rowcount', String(this.#rows.length))
  }

  readonly #soon = (): void => {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint())
  }

  #resized(): void {
    const first = this.#options.viewport.scrollTop / this.#height
    this.#height = this.#options.height()
    this.#layOut()
    this.#options.viewport.scrollTop = first * this.#height
    this.repaint()
  }

  #paint(): void {
    this.#frame = 0
    const { viewport, onEnd, onTop } = this.#options
    const top = Math.floor(viewport.scrollTop / this.#height)
    const first = Math.max(0, top - BEYOND)
    const seen = Math.ceil(viewport.clientHeight / this.#height) + 2 * BEYOND
    const end = Math.min(this.#rows.length, first + seen)
    this.#grow(seen)
    const used = new Set<number>()
    for (let index = first; index < end; index++) {
      const place = index % this.#pool.length
      used.add(place)
      this.#paintRow(place, index)
    }
    for (const [place, element] of this.#pool.entries()) if (!used.has(place)) this.#hide(place, element)
    this.#nameCurrent(first, end)
    if (end > this.#rows.length - NEAR) onEnd?.()
    onTop?.(top < this.#rows.length ? this.#rows.at(top) : undefined, this.isAtTop)
  }

  #grow(wanted: number): void {
    while (this.#pool.length < wanted) {
      const element = this.#options.create()
      element.setAttribute('role', 'row')
      element.hidden = true
      this.#pool.push(element)
      this.#pad.append(element)
      // Places are remainders of the pool's size.
      this.#shown = []
    }
  }

  #paintRow(place: number, index: number): void {
    const element = this.#pool[place] as HTMLElement
    const row = this.#rows.at(index) as T
    element.style.transform = `translateY(${index * this.#height}px)`
    element.style.height = `${this.#height}px`
    element.dataset['index'] = String(index)
    element.setAttribute('aria-rowindex', String(index + 1))
    if (this.#shown[place] === row) return
    this.#shown[place] = row
    element.hidden = false
    this.#options.paint(element, row)
    const isCurrent = index === this.#current
    element.classList.toggle('current', isCurrent)
    element.setAttribute('aria-selected', String(isCurrent))
  }

  #hide(place: number, element: HTMLElement): void {
    element.hidden = true
    this.#shown[place] = undefined
  }

  #nameCurrent(first: number, end: number): void {
    const { viewport } = this.#options
    for (const element of this.#pool) element.removeAttribute('id')
    if (this.#current < first || this.#current >= end) return viewport.removeAttribute('aria-activedescendant')
    const element = this.#pool[this.#current % this.#pool.length] as HTMLElement
    element.id = 'current-row'
    viewport.setAttribute('aria-activedescendant', 'current-row')
  }

  readonly #clicked = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null
    // A drag over text selects it and opens nothing.
    if (element === null || document.getSelection()?.isCollapsed === false) return
    event.preventDefault()
    this.select(Number(element.dataset['index']))
    this.open()
  }
}
