/**
 * The bar of one row: when it happened, with the part that the request waited for as a line in it.
 */
import type { TreeRow } from '../../../model/api.ts'
import { laneClass } from '../lanes.ts'
import { textElement } from '../text.ts'
import { atMillis } from './at-text.ts'
import { barOf, foldedTicks, joined, stretchOf, type Stretch } from './bars.ts'
import { isFoldable } from './outline.ts'
import type { PaintContext } from './paint-context.ts'

export function paintBar(cell: HTMLElement, index: number, context: PaintContext): void {
  const { model, clocks, window } = context
  const row = model.outline.rows[index] as TreeRow
  const stretch = barOf(row, clocks, window, model.whole)
  if (stretch === undefined) return cell.replaceChildren()
  if (row.kind === 'gap') return cell.replaceChildren(placed('way', stretch))
  if (row.kind === 'log') return cell.replaceChildren(placed(`tick ${row.level ?? 'INFO'}`, { ...stretch, length: 0 }))
  const isOpen = typeof row.took_ms !== 'number'
  const bar = placed(
    `stretch ${laneClass(row.service ?? '')}${row.inferred === true ? ' hatched' : ''}${isOpen ? ' open' : ''}`,
    stretch,
  )
  cell.replaceChildren(bar, ...waited(index, row, context), ...ticks(index, context))
}

function waited(index: number, row: TreeRow, { model, clocks, window }: PaintContext): HTMLElement[] {
  const moved = atMillis(row, clocks) - row.at_ms
  const stretches = (model.parts.get(index) ?? []).flatMap(
    ({ from, to }) => stretchOf(from + moved, to + moved, window) ?? [],
  )
  return joined(stretches.toSorted((a, b) => a.at - b.at)).map((stretch) => placed('waited', stretch))
}

/** What a folded row hides, where it would stand. */
function ticks(index: number, { model, clocks, window, isFolded }: PaintContext): HTMLElement[] {
  if (!isFoldable(model.outline, index) || !isFolded(index)) return []
  return foldedTicks(model.outline, index, { clocks, window }).map(({ at, isError }) =>
    placed(isError ? 'tick inner ERROR' : 'tick inner', { at, length: 0 }),
  )
}

function placed(className: string, { at, length }: Stretch): HTMLElement {
  const element = textElement('i', className)
  element.style.left = `${(at * 100).toFixed(3)}%`
  if (length > 0) element.style.width = `${(length * 100).toFixed(3)}%`
  return element
}
