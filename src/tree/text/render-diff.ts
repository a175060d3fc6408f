/**
 * Two requests side by side -> lines of text: the sentence, which two they are, then a row for each happening that changed and for
 * what it stands in. The one plain text of a comparison: for the terminal, agents, the page's copy and `GET diff?format=text`.
 *
 * Each row stays one line; on a terminal it is cut at its width. Dense, for who pays for each character: without columns.
 */
import type { DiffRow, TraceHead, TreeDiff, TreeRow } from '../../model/api.ts'
import { fit, padEnd, padStart, widthOf } from '../../model/text-width.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { type DiffPart, diffParts } from '../diff-parts.ts'
import { changeWords } from '../diff-words.ts'
import { clockTimeOfDay } from './clock-time.ts'
import { PLAIN_PAINT, type Paint, type Tone } from './paint.ts'
import { type RowContext, rowContexts } from './row-context.ts'
import { rowPieces } from './row-text.ts'
import { tookText } from './took-text.ts'

export interface DiffOptions {
  readonly paint: Paint
  /** Cells in a row; `undefined`: piped. */
  readonly columns: number | undefined
  readonly now?: Date
  /** Default false. */
  readonly isDense?: boolean
}

/** The text of a comparison in parts, for who cannot show all of it. */
export interface DiffText {
  /** The sentence, the two requests, what the columns are. */
  readonly head: readonly string[]
  readonly parts: readonly { readonly part: DiffPart; readonly line: string }[]
}

const MAX_SERVICE_WIDTH = 16
const MAX_CHANGE_WIDTH = 26
const TOOK_WIDTH = 'before ms'.length
/** Cells. */
const MIN_TEXT_WIDTH = 20
const GAP = '  '

/** What `tracelog diff` prints into a pipe. */
export function textOfDiff(diff: TreeDiff): string {
  return `${renderDiff(diff, { paint: PLAIN_PAINT, columns: undefined }).join('\n')}\n`
}

/** @returns the lines, without line ends */
export function renderDiff(diff: TreeDiff, options: DiffOptions): string[] {
  const { head, parts } = diffText(diff, options)
  return [...head, ...parts.map(({ line }) => line)]
}

export function diffText(diff: TreeDiff, options: DiffOptions): DiffText {
  const parts = diffParts(diff.rows)
  const contexts = rowContexts(diff.rows.map(shownRow))
  const layout = layoutOf(diff, parts, options)
  return {
    head: headLines(diff, layout).map((line) => line.trimEnd()),
    parts: parts.map((part) => ({ part, line: partLine(part, { diff, contexts, layout }).trimEnd() })),
  }
}

/** The row that a line tells of: of what is gone the first one's. */
export function shownRow({ a, b }: DiffRow): TreeRow {
  return (b ?? a) as TreeRow
}

interface Layout extends DiffOptions {
  readonly service: number
  readonly change: number
  readonly took: number
}

function layoutOf({ rows }: TreeDiff, parts: readonly DiffPart[], options: DiffOptions): Layout {
  if (options.isDense === true) return { ...options, service: 0, change: 0, took: 0 }
  const shown = parts.flatMap((part) => (part.kind === 'row' ? [rows[part.index] as DiffRow] : []))
  return {
    ...options,
    service: Math.min(
      MAX_SERVICE_WIDTH,
      widest(
        shown.map((row) => shownRow(row).service ?? ''),
        'service',
      ),
    ),
    change: Math.min(MAX_CHANGE_WIDTH, widest(shown.map(changeWords), 'change')),
    took: TOOK_WIDTH,
  }
}

/** Cells. */
function widest(texts: readonly string[], title: string): number {
  return texts.reduce((width, text) => Math.max(width, widthOf(visibleLine(text))), title.length)
}

function headLines({ a, b, sentence }: TreeDiff, layout: Layout): string[] {
  const { paint, took, change, service, isDense } = layout
  const titles =
    isDense === true
      ? ['change', 'before -> after', 'service']
      : [padStart('before ms', took), padStart('after ms', took), padEnd('change', change), padEnd('service', service)]
  return [
    cut(paint.tone('bold', visibleLine(sentence)), visibleLine(sentence), layout),
    requestLine('before', a, layout),
    requestLine('after', b, layout),
    ...(isDense === true ? [] : ['']),
    paint.tone('dim', [...titles, 'what happened'].join(GAP)),
  ]
}

function requestLine(name: string, { trace_id: id, started_at: at, sentence }: TraceHead, layout: Layout): string {
  const lead = `${padEnd(name, 'before'.length)}${GAP}${visibleLine(id.slice(0, 8))} · ${clockTimeOfDay(at, layout.now)}${GAP}`
  return cut(lead + visibleLine(sentence), lead + visibleLine(sentence), layout)
}

/** @param painted  with colours, which only a text that is whole may keep */
function cut(painted: string, plain: string, { columns }: Layout): string {
  return columns === undefined || widthOf(plain) <= columns ? painted : fit(plain, columns)
}

interface PartPlace {
  readonly diff: TreeDiff
  readonly contexts: readonly RowContext[]
  readonly layout: Layout
}

function partLine(part: DiffPart, { diff, contexts, layout }: PartPlace): string {
  if (part.kind === 'row') return rowLine(diff.rows[part.index] as DiffRow, contexts[part.index] as RowContext, layout)
  const { paint, isDense } = layout
  const lead = isDense === true ? '' : ' '.repeat(leadWidth(layout))
  const { depth } = diff.rows[part.from] as DiffRow
  return lead + paint.tone('dim', `${'│ '.repeat(depth)}… ${sameWords(part)}`)
}

/** `12 rows as before`. */
export function sameWords({ from, to }: { readonly from: number; readonly to: number }): string {
  return `${(to - from).toLocaleString('en')} rows as before`
}

function rowLine(diffRow: DiffRow, context: RowContext, layout: Layout): string {
  const { paint, columns } = layout
  const row = shownRow(diffRow)
  const lead = leadCells(diffRow, layout).join(GAP)
  const branch = `${'│ '.repeat(row.depth)}${row.kind === 'gap' ? '┊ ' : ''}`
  const pieces = rowPieces(row, context)
  const plain = branch + pieces.map(({ text }) => text).join(GAP)
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(MIN_TEXT_WIDTH, columns - leadWidth(layout))
  const isWhole = widthOf(plain) <= room
  const painted = pieces.map(({ text, tone }) => toned(paint, tone, text)).join(GAP)
  return `${lead}${lead === '' ? '' : GAP}${isWhole ? branch + painted : fit(plain, room)}`
}

/** Both times, what changed, whose it is. */
function leadCells(diffRow: DiffRow, layout: Layout): string[] {
  const { paint, took, change, service, isDense } = layout
  const [before, after] = [tookOf(diffRow.a, diffRow), tookOf(diffRow.b, diffRow)]
  const { service: name = '' } = shownRow(diffRow)
  const words = visibleLine(changeWords(diffRow))
  const tone = toneOf(diffRow)
  if (isDense === true) {
    const times = before === '' ? '' : `${before} -> ${after} ms`
    return [fit(words, MAX_CHANGE_WIDTH), times, fit(visibleLine(name), MAX_SERVICE_WIDTH)].filter(
      (cell) => cell !== '',
    )
  }
  return [
    padStart(before, took),
    padStart(after, took),
    toned(paint, tone, padEnd(fit(words, change), change)),
    name === '' ? ' '.repeat(service) : paint.service(name, padEnd(fit(visibleLine(name), service), service)),
  ]
}

function leadWidth({ took, change, service }: Layout): number {
  return took * 2 + change + service + GAP.length * 4
}

function toned(paint: Paint, tone: Tone | undefined, text: string): string {
  return tone === undefined ? text : paint.tone(tone, text)
}

function toneOf({ change, b }: DiffRow): Tone | undefined {
  if (change === 'status') return Number(b?.status) >= 500 || b?.error !== undefined ? 'red' : 'amber'
  if (change === 'slower' || change === 'level') return 'amber'
  if (change === 'faster') return 'green'
  return change === 'same' ? undefined : 'bold'
}

/** Lines take no time; a span that is not there has a dash. */
function tookOf(row: TreeRow | undefined, diffRow: DiffRow): string {
  if (shownRow(diffRow).kind !== 'span') return ''
  return row === undefined ? '-' : tookText(row.took_ms)
}
