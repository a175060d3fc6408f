/**
 * One line of a comparison: what changed, whose it is, what happened, both times, both bars. Painted into elements that are used again.
 */
import type { DiffRow, TreeRow } from '../../../model/api.ts'
import { changeWords } from '../../../tree/diff-words.ts'
import { sameWords, shownRow } from '../../../tree/text/render-diff.ts'
import { rowPieces } from '../../../tree/text/row-text.ts'
import { tookText } from '../../../tree/text/took-text.ts'
import { laneClass } from '../lanes.ts'
import { stretchOf } from '../request/bars.ts'
import { setText, textElement } from '../text.ts'
import type { CompareLine, CompareModel, CompareRow, CompareRun } from './lines.ts'

/** Deeper rows have no more rails: they would leave no room for the text. */
const MAX_RAILS = 16
const CELLS = ['change', 'svc', 'what', 'took before', 'took after', 'bar'] as const
type Cells = readonly [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement]

export function createCompareLine(): HTMLElement {
  const line = document.createElement('div')
  for (const name of CELLS) {
    const cell = textElement('div', name)
    cell.setAttribute('role', 'gridcell')
    line.append(cell)
  }
  return line
}

export function paintCompareLine(element: HTMLElement, line: CompareLine, model: CompareModel): void {
  const cells = element.children as unknown as Cells
  if (line.kind === 'row') paintRow(element, cells, { line, model })
  else paintRun(element, cells, line)
}

function paintRun(element: HTMLElement, [change, svc, what, before, after, bar]: Cells, run: CompareRun): void {
  element.className = 'line run'
  element.setAttribute('aria-level', String(run.depth + 1))
  element.setAttribute('aria-expanded', String(run.isOpen))
  for (const cell of [change, svc, before, after, bar]) cell.replaceChildren()
  const mark = textElement('span', 'tw can', run.isOpen ? '▾' : '▸')
  mark.setAttribute('aria-hidden', 'true')
  what.replaceChildren(...rails(run.depth), mark, textElement('span', 'frames-text', sameWords(run)))
}

function paintRow(
  element: HTMLElement,
  [change, svc, what, before, after, bar]: Cells,
  { line: { row, context }, model }: { readonly line: CompareRow; readonly model: CompareModel },
): void {
  const shown = shownRow(row)
  element.className = `line is-${shown.kind} change-${row.change}${hasFailed(row) ? ' failed' : ''}`
  element.setAttribute('aria-level', String(row.depth + 1))
  element.removeAttribute('aria-expanded')
  change.replaceChildren(textElement('span', `mark ${row.change}`, changeWords(row)))
  paintService(svc, shown)
  const pieces = rowPieces(shown, context).map(({ text, tone = 'plain' }) => textElement('span', `piece ${tone}`, text))
  what.replaceChildren(...rails(shown.depth), ...pieces)
  const isSpan = shown.kind === 'span'
  setText(before, isSpan && row.a !== undefined ? tookText(row.a.took_ms) : '')
  setText(after, isSpan && row.b !== undefined ? tookText(row.b.took_ms) : '')
  bar.replaceChildren(...barOf(row.a, 'before', model), ...barOf(row.b, 'after', model))
}

function paintService(cell: HTMLElement, { service = '' }: TreeRow): void {
  if (service === '') return cell.replaceChildren()
  cell.replaceChildren(textElement('i', laneClass(service)), textElement('span', 'name', service))
}

function rails(depth: number): HTMLElement[] {
  return Array.from({ length: Math.min(depth, MAX_RAILS) }, () => textElement('i', 'rail'))
}

function hasFailed({ change, b }: DiffRow): boolean {
  return change !== 'same' && b !== undefined && (b.error !== undefined || Number(b.status) >= 500)
}

function barOf(row: TreeRow | undefined, side: 'before' | 'after', { whole }: CompareModel): HTMLElement[] {
  if (row === undefined || row.kind === 'gap') return []
  const window = { from: 0, to: whole }
  const stretch = stretchOf(row.at_ms, row.kind === 'span' ? row.at_ms + (row.took_ms ?? whole) : row.at_ms, window)
  if (stretch === undefined) return []
  const element = textElement(
    'i',
    row.kind === 'span' ? `stretch ${side} ${laneClass(row.service ?? '')}` : `tick ${side} ${row.level ?? 'INFO'}`,
  )
  element.style.left = `${(stretch.at * 100).toFixed(3)}%`
  if (row.kind === 'span') element.style.width = `${(stretch.length * 100).toFixed(3)}%`
  return [element]
}
