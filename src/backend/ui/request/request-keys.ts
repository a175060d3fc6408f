/**
 * The keys of one request; `?` tells them.
 */
import { compareAddress } from '../compare/open-compare.ts'
import type { TreeRow } from '../../../model/api.ts'
import type { KeyBinding } from '../keys.ts'
import { change, openAddress, openView, param } from '../state.ts'
import { copyLink, copyMarkdown, copyText } from './copy.ts'
import type { Grid } from './grid.ts'
import { aroundAddress, patternAddress } from './line-address.ts'
import type { GridLine } from './lines.ts'
import { foldAll, foldedRows, nextTimeMode, switchClocks } from './look.ts'
import type { RequestModel } from './model.ts'
import { isFailedLine, isFoldable } from './outline.ts'
import { isMatch } from './query-match.ts'

export interface KeyTargets {
  readonly grid: Grid
  readonly model: () => RequestModel | undefined
  readonly foldLine: (line: GridLine) => void
}

export function requestKeys({ grid, model, foldLine }: KeyTargets): KeyBinding[] {
  const withTree = (run: (known: RequestModel) => void) => () => {
    const known = model()
    if (known !== undefined) run(known)
  }
  const fail = (by: 1 | -1): (() => void) => withTree((known) => grid.seek(by, (line) => isError(line, known)))
  const match = (by: 1 | -1): (() => void) => withTree((known) => grid.seek(by, (line) => isMeant(line, known)))
  return [
    key(['j', 'ArrowDown'], 'next row', () => grid.list.step(1)),
    key(['k', 'ArrowUp'], 'row before', () => grid.list.step(-1)),
    key(
      ['ArrowLeft'],
      'fold, or to the row above',
      withTree((known) => left(grid, known, foldLine)),
    ),
    key(
      ['ArrowRight'],
      'unfold',
      withTree((known) => right(grid, known, foldLine)),
    ),
    key(['Shift+ArrowLeft'], 'fold all', foldAll),
    key(['Home'], 'first row', () => grid.list.step(-Infinity)),
    key(['End'], 'last row', () => grid.list.step(Infinity)),
    key(['PageDown'], 'a page on', () => grid.list.step(20)),
    key(['PageUp'], 'a page back', () => grid.list.step(-20)),
    key(['Enter', 'i'], 'inspector', () => switchInspector(grid)),
    key(['Escape'], 'close, back', () => back(grid)),
    key(['e'], 'next error', fail(1)),
    key(['E'], 'error before', fail(-1)),
    key(['n'], 'next match', match(1)),
    key(['N'], 'match before', match(-1)),
    key(
      ['D'],
      'compare with a good one of its kind',
      withTree(({ tree }) => openAddress(compareAddress(tree.trace_id))),
    ),
    ...lineKeys(grid, model),
    key(['t'], 'time mode', nextTimeMode),
    key(['r'], 'clocks: raw or adjusted', switchClocks),
    key(
      ['y'],
      'copy as text',
      withTree(({ tree }) => copyText(tree)),
    ),
    key(
      ['Y'],
      'copy as Markdown',
      withTree(({ tree }) => copyMarkdown(tree)),
    ),
    key(
      ['s'],
      'copy a link',
      withTree(({ tree }) => copyLink(tree, grid.current()?.key)),
    ),
  ]
}

function lineKeys(grid: Grid, model: KeyTargets['model']): KeyBinding[] {
  const open = (addressOfLine: (row: TreeRow) => string) => () => {
    const row = model()?.outline.rows[grid.current()?.index ?? -1]
    if (row?.kind === 'log' && row.log_id !== undefined) openAddress(addressOfLine(row))
  }
  return [
    key(
      ['c'],
      'lines around this one',
      open(({ log_id: id = '' }) => aroundAddress(id)),
    ),
    key(['p'], 'lines that say the same', open(patternAddress)),
  ]
}

function key(keys: readonly string[], says: string, run: () => void): KeyBinding {
  return { keys, says, run }
}

function isMeant({ index, kind }: GridLine, known: RequestModel): boolean {
  const row = known.outline.rows[index]
  return kind === 'row' && row !== undefined && isMatch(known, row)
}

function isError({ index, kind }: GridLine, { outline, marks }: RequestModel): boolean {
  const row = outline.rows[index]
  if (kind !== 'row' || row === undefined) return false
  return index === marks.failed || isFailedLine(row) || (row.kind === 'span' && row.error !== undefined)
}

function left(grid: Grid, { outline, ...model }: RequestModel, foldLine: (line: GridLine) => void): void {
  const line = grid.current()
  if (line === undefined) return
  const isFolded = foldedRows({ outline, ...model })
  if (line.kind === 'frames' && line.isOpen) return foldLine(line)
  if (line.kind === 'row' && isFoldable(outline, line.index) && !isFolded(line.index)) return foldLine(line)
  const parent = line.kind === 'row' ? outline.parents[line.index] : line.index
  const id = outline.ids[parent ?? -1]
  if (id !== undefined) grid.goTo(id)
}

function right(grid: Grid, model: RequestModel, foldLine: (line: GridLine) => void): void {
  const line = grid.current()
  if (line === undefined) return
  if (line.kind === 'frames' && !line.isOpen) return foldLine(line)
  if (line.kind !== 'row' || !isFoldable(model.outline, line.index)) return
  if (foldedRows(model)(line.index)) foldLine(line)
  else grid.list.step(1)
}

function switchInspector(grid: Grid): void {
  if (param('insp') !== '') return change({ insp: undefined }, { replaces: true })
  if (grid.current() === undefined) grid.list.step(1)
  change({ insp: 'fields' }, { replaces: true })
}

function back(grid: Grid): void {
  if (param('insp') === '') return openView('/')
  change({ insp: undefined }, { replaces: true })
  grid.focus()
}
