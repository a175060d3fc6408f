/**
 * A whole request -> lines of text: a sentence, then one row per happening with its tree, its duration and its bar.
 *
 * The one plain text of a trace, for the terminal, `GET traces/:id?format=text`, agents and the demo; the same rows in the same
 * order as the page's. On a terminal long texts are wrapped inside their column; elsewhere each row stays one line, so that grep
 * sees whole messages. Dense, for who pays for each character: neither columns nor bars, durations with their unit.
 */
import type { TraceTree, TreeRow } from '../../model/api.ts'
import { clockTimeOfDay } from './clock-time.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { fit, padEnd, padStart, widthOf, wrap } from '../../model/text-width.ts'
import { PLAIN_PAINT, type Paint } from './paint.ts'
import { rowContexts, type RowContext } from './row-context.ts'
import { rowPieces, type Piece } from './row-text.ts'
import { foldStack } from './stack-fold.ts'
import { stackPlaces } from './stack-places.ts'
import { BAR_CELLS, timeBar } from './time-bar.ts'
import { tookText } from './took-text.ts'

export interface RenderOptions {
  readonly paint: Paint
  /** Cells in a row; `undefined`: piped. */
  readonly columns: number | undefined
  /** Frames of the application shown per stack. Default 2. */
  readonly shownFrames?: number
  readonly cwd?: string
  readonly now?: Date
  /** Default false. */
  readonly isDense?: boolean
}

/** The text of a trace in parts, for who cannot show all of it. Lines without line ends. */
export interface TraceText {
  /** The sentence and what the columns are. */
  readonly head: readonly string[]
  readonly rows: readonly { readonly row: TreeRow; readonly lines: readonly string[] }[]
  /** What is known of the clocks. */
  readonly end: readonly string[]
}

/** The width that the drawing in spec/backend has: used where no terminal gives one. Cells. */
const PIPED_COLUMNS = 107
const MAX_SERVICE_WIDTH = 16
const TOOK_WIDTH = 7
/** Below it the bar gives its room to the text. Cells. */
const MIN_TEXT_WIDTH = 44
/** A longer message is cut; `--json` has it whole. Lines. */
const MAX_WRAPPED_LINES = 6

/** What `tracelog trace` prints into a pipe. */
export function textOfTrace(tree: TraceTree): string {
  return `${renderTrace(tree, { paint: PLAIN_PAINT, columns: undefined }).join('\n')}\n`
}

/** @returns the lines, without line ends */
export function renderTrace(tree: TraceTree, options: RenderOptions): string[] {
  const { head, rows, end } = traceText(tree, options)
  return [...head, ...rows.flatMap(({ lines }) => lines), ...end]
}

export function traceText(tree: TraceTree, options: RenderOptions): TraceText {
  const layout = layoutOf(tree, options)
  const places = stackPlaces(tree.rows)
  const contexts = rowContexts(tree.rows)
  const linesOf = (row: TreeRow, index: number): string[] => {
    const { stack } = row.error ?? {}
    const stackBelow = stack !== undefined && places.get(stack) === row ? stackLines(stack, row, layout) : []
    const context = contexts[index] as RowContext
    return trimmed([...rowLines({ tree, row, index, layout, context }), ...stackBelow])
  }
  return {
    head: trimmed([...headerLines(tree, layout), '', columnTitles(layout)]),
    rows: tree.rows.map((row, index) => ({ row, lines: linesOf(row, index) })),
    end: trimmed(skewLines(tree, layout)),
  }
}

function trimmed(lines: readonly string[]): string[] {
  return lines.map((line) => line.trimEnd())
}

interface Layout extends RenderOptions {
  readonly total: number
  readonly at: number
  readonly service: number
  readonly text: number
  readonly hasBar: boolean
  readonly took: number
  readonly wholeMillis: number
}

function layoutOf(tree: TraceTree, options: RenderOptions): Layout {
  if (options.isDense === true)
    return { ...options, total: 0, at: 0, service: 0, text: 0, took: 0, hasBar: false, wholeMillis: 0 }
  const total = options.columns ?? PIPED_COLUMNS
  const at = tree.rows.reduce((width, row) => Math.max(width, row.at_ms.toFixed(3).length), 6)
  const names = [...new Set(tree.rows.map(({ service = '' }) => service))]
  const widest = names.reduce((width, name) => Math.max(width, widthOf(visibleLine(name))), 'service'.length)
  const service = Math.min(MAX_SERVICE_WIDTH, widest)
  const withoutBar = total - at - 2 - service - 2 - 2 - TOOK_WIDTH
  const withBar = withoutBar - 2 - (BAR_CELLS + 2)
  const hasBar = withBar >= MIN_TEXT_WIDTH
  const text = Math.max(20, hasBar ? withBar : withoutBar)
  const wholeMillis = wholeMillisOf(tree)
  return { ...options, total, at, service, text, took: TOOK_WIDTH, hasBar, wholeMillis }
}

/** From the first happening to the last one that is known. No spread: a trace may have more rows than a call has room for. */
export function wholeMillisOf({ rows, duration_ms: duration }: TraceTree): number {
  return rows.reduce((end, row) => Math.max(end, row.at_ms + (row.took_ms ?? 0)), duration ?? 0)
}

/** The sentence in two halves: what came of the request, and why, with what was seen of it. */
function headerLines(tree: TraceTree, { paint, total, now, isDense }: Layout): string[] {
  const [what, why] = splitSentence(visibleLine(tree.sentence))
  const id = `${visibleLine(tree.trace_id.slice(0, 8))} · ${clockTimeOfDay(tree.started_at, now)}`
  const reason = [why, countsText(tree)].filter((part) => part !== '').join(' ')
  if (isDense === true) return [`${what}  ${id}`, reason]
  const room = total - widthOf(id) - 2
  const tone = tree.outcome === 'error' ? 'red' : 'bold'
  const head = fit(what, room)
  const first = paint.tone(tone, head) + ' '.repeat(total - widthOf(head) - widthOf(id)) + paint.tone('dim', id)
  return [first, ...wrap(reason, total)]
}

/** `GET /api/cart → 500 in 41.2 ms: TypeError …` is cut behind the duration. */
export function splitSentence(sentence: string): [string, string] {
  const cut = /^(.*?\d (?:µs|ms|s|min|h))(?:: (.*)|\.?)$/su.exec(sentence)
  return cut === null ? [sentence, ''] : [cut[1] ?? sentence, cut[2] ?? '']
}

function countsText({ services, counts }: TraceTree): string {
  const inferred = counts.inferred > 0 ? ` (${counts.inferred} inferred)` : ''
  const parts = [
    plural(services.length, 'service'),
    `${plural(counts.spans, 'span')}${inferred}`,
    plural(counts.logs, 'line'),
    ...(counts.recovered > 0 ? [`${counts.recovered} of them recovered`] : []),
  ]
  return `${parts.join(', ')}.`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function columnTitles({ at, service, text, took, paint, isDense }: Layout): string {
  const titles = [
    padStart('+ms', at),
    padEnd('service', service),
    padEnd('what happened', text),
    padStart(isDense === true ? 'took' : 'took ms', took),
  ]
  return paint.tone('dim', titles.join('  '))
}

interface RowPlace {
  readonly tree: TraceTree
  readonly row: TreeRow
  readonly index: number
  readonly layout: Layout
  readonly context: RowContext
}

function rowLines({ tree, row, index, layout, context }: RowPlace): string[] {
  const { paint, at, service } = layout
  const name = fit(visibleLine(row.service ?? ''), layout.isDense === true ? MAX_SERVICE_WIDTH : service)
  const time = row.kind === 'gap' ? ' '.repeat(at) : padStart(row.at_ms.toFixed(3), at)
  const lane =
    row.service === undefined || row.kind === 'gap'
      ? ' '.repeat(service)
      : paint.service(row.service, padEnd(name, service))
  const branch = branchOf(tree.rows, index)
  const [first = '', ...more] = textLines(branch, rowPieces(row, context), { row, layout })
  const start = layout.isDense === true && row.kind === 'gap' ? '' : `${time}  ${lane}  `
  const indent = ' '.repeat(at + 2 + service + 2)
  // Piped, a long text stays one line; a bar behind it would stand in nobody's column.
  const isOverlong = row.kind === 'log' && layout.columns === undefined && widthOf(first) > layout.text
  return [`${start}${first}${isOverlong ? '' : figures(row, layout)}`, ...more.map((line) => indent + line)]
}

/** The glyphs before the text, and those before its further lines. */
interface Branch {
  readonly first: string
  readonly next: string
}

function branchOf(rows: readonly TreeRow[], index: number): Branch {
  const row = rows[index] as TreeRow
  if (row.kind === 'gap') {
    const outer = '│ '.repeat(Math.max(0, row.depth - 1))
    return { first: `${outer}┊ `, next: `${outer}┊ ` }
  }
  const outer = '│ '.repeat(row.depth)
  const hasChildren = row.kind === 'span' && (nextOf(rows, index)?.depth ?? 0) > row.depth
  return { first: hasChildren ? `${outer}▾ ` : outer, next: hasChildren ? `${outer}│ ` : `${outer}  ` }
}

/** A gap stands between a span and its child: it does not make the span a parent by itself. */
function nextOf(rows: readonly TreeRow[], index: number): TreeRow | undefined {
  let next = index + 1
  while (rows[next]?.kind === 'gap') next++
  return rows[next]
}

/** The text of a row in its column: coloured, padded to the column's width, with its mark at the right. */
function textLines(
  branch: Branch,
  pieces: readonly Piece[],
  { row, layout }: { row: TreeRow; layout: Layout },
): string[] {
  const isOpen = row.unfinished === true && row.task === undefined
  const mark = row.recovered === true ? 'recovered' : isOpen ? 'unfinished' : ''
  const room = layout.text - widthOf(branch.first) - (mark === '' ? 0 : widthOf(mark) + 2)
  const plain = pieces.map(({ text }) => text).join('  ')
  if (layout.columns === undefined || widthOf(plain) <= room) {
    const coloured = pieces
      .map(({ text, tone }) => (tone === undefined ? text : layout.paint.tone(tone, text)))
      .join('  ')
    const filler = ' '.repeat(Math.max(0, room - widthOf(plain)))
    const end = mark === '' ? '' : `  ${layout.paint.tone('dim', mark)}`
    return [branch.first + coloured + filler + end]
  }
  return wrapped(branch, plain, { room, mark, tone: pieces[0]?.tone, layout })
}

function wrapped(
  { first, next }: Branch,
  text: string,
  { room, mark, tone, layout }: { room: number; mark: string; tone: Piece['tone']; layout: Layout },
): string[] {
  const all = wrap(text, Math.max(10, room))
  const kept = all.slice(0, MAX_WRAPPED_LINES)
  if (all.length > kept.length) kept[kept.length - 1] = fit(`${kept.at(-1)}…`, room)
  const coloured = (line: string): string => (tone === undefined ? line : layout.paint.tone(tone, line))
  return kept.map((line, i) => {
    if (i > 0) return next + coloured(line)
    const end = mark === '' ? '' : `  ${layout.paint.tone('dim', mark)}`
    return first + coloured(line) + ' '.repeat(Math.max(0, room - widthOf(line))) + end
  })
}

function figures(row: TreeRow, { hasBar, took: width, paint, wholeMillis, isDense }: Layout): string {
  if (row.kind === 'gap') return ''
  const took = row.kind === 'span' ? tookText(row.took_ms) : ''
  if (isDense === true) return took === '' ? '' : `  ${took} ms`
  const bar = timeBar(row, wholeMillis)
  const coloured = row.service === undefined ? bar : paint.service(row.service, bar)
  return `  ${padStart(took, width)}${hasBar ? `  ${coloured}` : ''}`
}

function stackLines(stack: string, row: TreeRow, layout: Layout): string[] {
  const { frames, rest } = foldStack(stack, {
    ...(layout.shownFrames === undefined ? {} : { shown: layout.shownFrames }),
    ...(layout.cwd === undefined ? {} : { cwd: layout.cwd }),
  })
  const indent = `${' '.repeat(layout.at + 2 + layout.service + 2)}${'│ '.repeat(row.depth)}    `
  const room = layout.columns === undefined ? Number.POSITIVE_INFINITY : Math.max(20, layout.columns - widthOf(indent))
  return frames.flatMap((frame, i) => {
    const end = i === frames.length - 1 && rest !== '' ? `   ${rest}` : ''
    return wrap(visibleLine(frame) + end, room).map((line) => indent + layout.paint.tone('dim', line))
  })
}

/** Only clocks that are known to differ: what the rows have been corrected by. */
function skewLines(tree: TraceTree, { paint }: Layout): string[] {
  const known = tree.skew.filter(({ ahead_ms: ahead, bound_ms: bound }) => Math.abs(ahead) > bound)
  if (known.length === 0) return []
  return ['', ...known.map((skew) => paint.tone('dim', skewText(skew)))]
}

function skewText({ from, to, ahead_ms: ahead, bound_ms: bound }: TraceTree['skew'][number]): string {
  const side = ahead > 0 ? 'ahead of' : 'behind'
  const by = `${Math.abs(ahead).toFixed(1)} ms (± ${bound.toFixed(1)})`
  return visibleLine(`The clock of ${to} is ${by} ${side} that of ${from}; the times above are corrected.`)
}
