/**
 * One line of the grid: painted into elements that are used again. Text from logs becomes text nodes only.
 */
import type { TreeRow } from '../../../model/api.ts'
import {
  messageWithError,
  messageWithoutStack,
  rowError,
  rowOutcome,
  rowTitle,
  spanFields,
  taskNotes,
} from '../../../model/row-words.ts'
import { shownFields } from '../../../model/shown-fields.ts'
import { levelLetter } from '../../../tree/text/fields-text.ts'
import { inferredWords } from '../../../tree/text/row-context.ts'
import { formatMillis, formatValue } from '../format.ts'
import { laneClass } from '../lanes.ts'
import { setText, textElement } from '../text.ts'
import { atText } from './at-text.ts'
import type { FramesLine, FrameLine, GridLine } from './lines.ts'
import type { RequestModel } from './model.ts'
import { hiddenWords, isFailedLine, isFoldable } from './outline.ts'
import { paintBar } from './paint-bar.ts'
import type { PaintContext } from './paint-context.ts'
import { placeInSource } from './source-place.ts'

/** Fields of a line that are shown in its row; all of them are in the inspector. */
const SHOWN_FIELDS = 3
/** Deeper rows are told by a number: rails would leave no room for the text. */
const MAX_RAILS = 16

export function createLine(): HTMLElement {
  const line = document.createElement('div')
  for (const name of ['at', 'svc', 'what', 'took', 'bar']) {
    const cell = textElement('div', name)
    cell.setAttribute('role', 'gridcell')
    line.append(cell)
  }
  return line
}

export function paintLine(element: HTMLElement, line: GridLine, context: PaintContext): void {
  const { outline, marks } = context.model
  const row = outline.rows[line.index] as TreeRow
  const isFailed = line.index === marks.failed
  element.className = [
    'line',
    line.kind,
    `is-${row.kind}`,
    ...classesOf(line, context),
    ...(isFailed ? ['failed'] : []),
  ].join(' ')
  element.setAttribute('aria-level', String(row.depth + (line.kind === 'row' ? 1 : 2)))
  const cells = element.children as unknown as readonly [
    HTMLElement,
    HTMLElement,
    HTMLElement,
    HTMLElement,
    HTMLElement,
  ]
  if (line.kind === 'row') paintRow(element, cells, { row, index: line.index, context })
  else paintFrames(element, cells, { row, line })
}

function classesOf({ index }: GridLine, { model, isDim, current }: PaintContext): string[] {
  const { parents, rows } = model.outline
  const row = rows[index] as TreeRow
  const isLit = current >= 0 && current !== index && isOfOneSpan(index, current, { parents, rows })
  return [
    ...(model.marks.aboveFailed.has(index) ? ['above-failed'] : []),
    ...(isFailedLine(row) ? ['error'] : []),
    ...(row.inferred === true ? ['inferred'] : []),
    ...(isDim(row) ? ['dimmed'] : []),
    ...(isLit ? ['lit'] : []),
  ]
}

/** A line and the span that it was written in. */
function isOfOneSpan(
  a: number,
  b: number,
  { parents, rows }: { readonly parents: readonly number[]; readonly rows: readonly TreeRow[] },
): boolean {
  return (rows[a]?.kind === 'log' && parents[a] === b) || (rows[b]?.kind === 'log' && parents[b] === a)
}

type Cells = readonly [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement]

interface RowPlace {
  readonly row: TreeRow
  readonly index: number
  readonly context: PaintContext
}

function paintRow(element: HTMLElement, [at, svc, what, took, bar]: Cells, place: RowPlace): void {
  const { row, index, context } = place
  const { model, isFolded } = context
  const before = rowAbove(Number(element.dataset['index']), context)
  const time = atText(row, before, { tree: model.tree, mode: context.mode, clocks: context.clocks, whole: model.whole })
  setText(at, time.text)
  at.classList.toggle('big', time.isBig)
  paintService(svc, row, before)
  const foldable = isFoldable(model.outline, index)
  if (foldable) element.setAttribute('aria-expanded', String(!isFolded(index)))
  else element.removeAttribute('aria-expanded')
  what.replaceChildren(...rails(row.depth), twisty(foldable, isFolded(index)), ...happening(place))
  setText(took, row.kind === 'span' ? tookText(row, model) : '')
  paintBar(bar, index, context)
}

/** The row that is shown above, gaps left out. */
function rowAbove(place: number, { lines, model }: PaintContext): TreeRow | undefined {
  for (let i = place - 1; i >= 0; i--) {
    const line = lines[i] as GridLine
    const row = model.outline.rows[line.index] as TreeRow
    if (line.kind === 'row' && row.kind !== 'gap') return row
  }
  return undefined
}

/** The lane runs on, and is named where it changes; the name stays for those who do not see. */
function paintService(cell: HTMLElement, { service = '', kind }: TreeRow, before: TreeRow | undefined): void {
  if (service === '' || kind === 'gap') return cell.replaceChildren()
  const name = textElement('span', before?.service === service ? 'sr' : 'name', service)
  cell.replaceChildren(textElement('i', laneClass(service)), name)
}

function rails(depth: number): HTMLElement[] {
  const shown = Array.from({ length: Math.min(depth, MAX_RAILS) }, () => textElement('i', 'rail'))
  return depth > MAX_RAILS ? [...shown, textElement('span', 'depth', String(depth))] : shown
}

function twisty(foldable: boolean, isFolded: boolean): HTMLElement {
  const mark = textElement('span', foldable ? 'tw can' : 'tw', foldable ? (isFolded ? '▸' : '▾') : '')
  mark.setAttribute('aria-hidden', 'true')
  return mark
}

function happening(place: RowPlace): HTMLElement[] {
  const { row } = place
  if (row.kind === 'gap') return [textElement('span', 'between', gapText(row))]
  return row.kind === 'log' ? logParts(place) : spanParts(place)
}

function gapText({ message = '' }: TreeRow): string {
  return message.replace(/ \((clocks agree within [^)]*)\)$/, ', $1')
}

function logParts({ row, index, context: { model } }: RowPlace): HTMLElement[] {
  const { text, said } = messageWithError(messageWithoutStack(row), row.error, row.fields)
  const letter = levelLetter(row.level)
  const mark = textElement('span', `lv ${letter}`, letter)
  mark.title = row.level ?? 'INFO'
  const fields = shownFields(row.fields ?? {}, said).filter(([name]) => !model.shared.has(name))
  return [
    mark,
    textElement('span', 'text', text),
    ...fieldParts(fields.slice(0, SHOWN_FIELDS)),
    ...noteParts([
      ...(fields.length > SHOWN_FIELDS ? [`+${fields.length - SHOWN_FIELDS}`] : []),
      ...(row.recovered === true ? ['recovered'] : []),
      ...(row.late === true ? ['late'] : []),
      ...(model.marks.uncertain.has(index) ? ['order uncertain'] : []),
    ]),
  ]
}

function spanParts({ row, index, context: { model, isFolded } }: RowPlace): HTMLElement[] {
  const context = model.contexts[index]
  const outcome = row.component === 'cache' ? '' : rowOutcome(row)
  const error = context?.isErrorTold === true ? '' : rowError(row)
  const fields = Object.entries(spanFields(row)).filter(
    // A badge says it, the lane says it.
    ([name, value]) => value !== undefined && name !== 'cache_hit' && value !== row.service,
  )
  return [
    textElement('span', 'name', rowTitle(row)),
    ...(outcome === '' ? [] : [textElement('span', `st s${hundredOf(row)}`, outcome)]),
    ...badges(row),
    ...(error === '' ? [] : [textElement('span', 'why', error)]),
    ...fieldParts(fields),
    ...noteParts([
      model.marks.tries.get(index) ?? '',
      ...taskNotes(row),
      notRecorded(row, inferredWords(row, context?.parentService)),
      row.unfinished === true && row.task === undefined ? 'no end seen yet' : '',
      model.marks.uncertain.has(index) ? 'order uncertain' : '',
      isFolded(index) ? hiddenWords(model.outline, index) : '',
    ]),
  ]
}

function hundredOf({ status, error }: TreeRow): string {
  const number = Number(status)
  if (Number.isNaN(number)) return status === 'error' || error !== undefined ? '5' : '2'
  return String(number).slice(0, 1)
}

function badges({ fields = {} }: TreeRow): HTMLElement[] {
  const { cache_hit: hit, upstream, lb_server: server } = fields
  const words = [server, upstream].filter((word): word is string => typeof word === 'string' && word !== '')
  return [
    ...(typeof hit === 'boolean' ? [textElement('span', hit ? 'badge hit' : 'badge miss', hit ? 'hit' : 'miss')] : []),
    ...(words.length > 0 ? [textElement('span', 'badge', `→ ${words.join(' ')}`)] : []),
  ]
}

function notRecorded({ name, component, service = '' }: TreeRow, words: string): string {
  if (words === '') return ''
  if (name === 'span not received') return 'span not recorded'
  return component === 'cache' && words.startsWith('seen') ? `${words}: ${service} sent nothing` : words
}

function fieldParts(fields: readonly (readonly [string, unknown])[]): HTMLElement[] {
  return fields.map(([name, value]) => {
    const shown = textElement('span', 'field')
    shown.append(textElement('i', '', `${name}=`), textElement('span', '', formatValue(value)))
    return shown
  })
}

function noteParts(notes: readonly string[]): HTMLElement[] {
  return notes.filter((note) => note !== '').map((note) => textElement('span', 'note', note))
}

function tookText({ took_ms: took, at_ms: at }: TreeRow, { tree }: RequestModel): string {
  if (typeof took === 'number') return took < 1 ? took.toFixed(2) : took.toFixed(1)
  const since = Date.now() - Date.parse(tree.started_at) - at
  return `running ${formatMillis(Math.max(0, since))}`
}

interface FramesPlace {
  readonly row: TreeRow
  readonly line: FrameLine | FramesLine
}

function paintFrames(element: HTMLElement, [at, svc, what, took, bar]: Cells, { row, line }: FramesPlace): void {
  setText(at, '')
  at.classList.remove('big')
  setText(took, '')
  bar.replaceChildren()
  svc.replaceChildren(textElement('i', laneClass(row.service ?? '')))
  const lead = [...rails(row.depth), twisty(line.kind === 'frames', line.kind === 'frames' && !line.isOpen)]
  if (line.kind === 'frames') {
    element.setAttribute('aria-expanded', String(line.isOpen))
    what.replaceChildren(...lead, textElement('span', 'frames-text', line.text))
    return
  }
  element.removeAttribute('aria-expanded')
  what.replaceChildren(...lead, ...frameParts(line))
}

/** `at getCart (src/cart.ts:31:14)`, the place as a link to the editor. */
function frameParts({ frame }: FrameLine): HTMLElement[] {
  const place = placeInSource(frame.whole)
  const cut = frame.text.lastIndexOf('(')
  const text = textElement('span', 'frame-text')
  const called = cut < 0 ? '' : frame.text.slice(0, cut).trimEnd()
  const where = cut < 0 ? frame.text : frame.text.slice(cut + 1).replace(/\)$/, '')
  if (called !== '') text.append(textElement('b', '', `at ${called} `))
  if (place === undefined) text.append(textElement('span', '', where))
  else {
    const link = textElement('a', '', where) as HTMLAnchorElement
    link.href = place
    link.tabIndex = -1
    text.append(link)
  }
  return [text]
}
