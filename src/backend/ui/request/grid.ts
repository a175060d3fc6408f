/**
 * The grid of one request: keeps lines, the current one and what is at the top together while the trace grows or is folded.
 *
 * The list has the focus and names its current row (rows.ts): elements are used again, so none of them could keep it.
 */
import { RowList } from '../rows.ts'
import type { GridLine } from './lines.ts'
import type { PaintContext } from './paint-context.ts'
import { createLine, paintLine } from './paint-line.ts'
import { UnseenRows } from './unseen-rows.ts'

const WIDE = 28
/** Under 640 px a row has two lines. */
const NARROW = 48

export interface Grid {
  readonly list: RowList<GridLine>
  /** Shows other lines, or the same ones anew; what the reader looks at stays where it is. */
  show(context: PaintContext): void
  current(): GridLine | undefined
  /** Makes the line with this key the current one. @returns false when it is not shown */
  goTo(key: string): boolean
  /** Scrolls to the first row that came in above and was not seen. */
  showNew(): void
  /** The next line in a direction that is meant. */
  seek(by: 1 | -1, isMeant: (line: GridLine) => boolean): void
  focus(): void
  stop(): void
}

export interface GridOptions {
  readonly viewport: HTMLElement
  /** Key of the line to begin at; `''`: none. */
  readonly start: string
  readonly onCurrent: (line: GridLine | undefined) => void
  readonly onOpen: (line: GridLine) => void
  /** A click on the mark that folds. */
  readonly onFold: (line: GridLine) => void
  /** So many rows have come in above what is seen, and were not seen. */
  readonly onAbove: (count: number) => void
}

export function createGrid({ viewport, start, onCurrent, onOpen, onFold, onAbove }: GridOptions): Grid {
  const narrow = matchMedia('(max-width: 640px)')
  const height = (): number => (narrow.matches ? NARROW : WIDE)
  let context: PaintContext | undefined
  let lines: readonly GridLine[] = []
  let wanted = start
  const unseen = new UnseenRows(onAbove)
  const indexOfKey = (key: string | undefined): number =>
    key === undefined ? -1 : lines.findIndex((line) => line.key === key)
  const list = new RowList<GridLine>({
    viewport,
    height,
    create: () => foldingLine((place) => lines.slice(place, place + 1).forEach(onFold)),
    paint: (element, line) => {
      if (context !== undefined) paintLine(element, line, context)
    },
    onOpen,
    onCurrent,
    onTop: () => unseen.see(lines, Math.floor(viewport.scrollTop / height())),
  })
  return {
    list,
    show(next) {
      const isSame = next.lines === lines
      const known = context?.model === next.model ? undefined : context?.model.outline.indexOf
      context = next
      if (isSame) return list.repaint()
      const { current } = list
      const before = indexOfKey(current?.key)
      const { scrollTop } = viewport
      const top = list.isAtTop ? -1 : Math.floor(scrollTop / height())
      const anchor = lines[top]?.key
      lines = next.lines
      const index = indexOfKey(current?.key ?? wanted)
      list.setRows(lines, before < 0 || index < 0 ? 0 : index - before)
      const at = indexOfKey(anchor)
      if (at >= 0) viewport.scrollTop = scrollTop + (at - top) * height()
      if (known !== undefined) unseen.add(lines.slice(0, Math.max(0, at)), known)
      list.repaint()
      if (index < 0) return
      wanted = ''
      // The reader may look elsewhere: only a link leads to its row.
      if (current === undefined) list.select(index)
      else onCurrent(lines[index])
    },
    current: () => list.current,
    goTo(key) {
      const index = indexOfKey(key)
      if (index >= 0) list.select(index)
      return index >= 0
    },
    showNew: () => list.scrollTo(unseen.first(lines)),
    seek(by, isMeant) {
      const found = seekIndex(lines, indexOfKey(list.current?.key), by, isMeant)
      if (found !== undefined) list.select(found)
    },
    focus: () => viewport.focus({ preventScroll: true }),
    stop: () => list.stop(),
  }
}

/** The next one in a direction, round and round. @param from  -1: before the first */
function seekIndex(
  lines: readonly GridLine[],
  from: number,
  by: 1 | -1,
  isMeant: (line: GridLine) => boolean,
): number | undefined {
  const count = lines.length
  for (let i = 1; i <= count; i++) {
    const at = from < 0 && by < 0 ? count - i : (from + by * i + count) % count
    const line = lines[at]
    if (line !== undefined && isMeant(line)) return at
  }
  return undefined
}

function foldingLine(onFold: (place: number) => void): HTMLElement {
  const element = createLine()
  element.addEventListener('click', (event) => {
    const { target } = event
    if (!(target instanceof Element)) return
    // A link to the editor is the browser's.
    if (target.closest('a') !== null) return event.stopPropagation()
    if (target.closest('.tw.can, .frames-text') === null) return
    event.stopPropagation()
    onFold(Number(element.dataset['index']))
  })
  return element
}
