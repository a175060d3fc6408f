/**
 * The tasks of a trace -> lines of text: what was to be achieved, whether it was, how long it took and where.
 *
 *     ✔ order of 3 items                          41.2 ms  A
 *     ├ ✔ reserve                                 12.0 ms  A
 *     │ └ ✔ GET /a 200                             9.1 ms  B
 *     └ ✖ reserve: B said 500                     14.4 ms  A   2 recovered lines
 */
import type { TreeRow } from '../../model/api.ts'
import { rowError, rowOutcome, rowTitle, taskNotes } from '../../model/row-words.ts'
import { fit, padEnd, padStart, widthOf } from '../../model/text-width.ts'
import { visibleLine } from '../../model/visible-text.ts'
import type { TaskOutcome, TaskTree, TaskTreeNode } from '../task-tree.ts'
import type { Paint, Tone } from './paint.ts'

export interface RenderTreeOptions {
  readonly paint: Paint
  /** Cells in a row; `undefined`: piped, nothing is cut. */
  readonly columns: number | undefined
}

/** A mark and where it matters a word: never colour alone. */
const MARKS: Readonly<Record<TaskOutcome, { readonly glyph: string; readonly tone: Tone }>> = {
  succeeded: { glyph: '✔', tone: 'green' },
  failed: { glyph: '✖', tone: 'red' },
  cancelled: { glyph: '⊘', tone: 'amber' },
  unfinished: { glyph: '…', tone: 'amber' },
}
/** A longer text stands out of its column when piped. Cells. */
const MAX_TEXT_WIDTH = 80
const MIN_TEXT_WIDTH = 24
const MAX_SERVICE_WIDTH = 16
/** Levels whose lines are drawn; what is deeper stands below the last of them. */
const MAX_DRAWN_DEPTH = 40

/** @returns the lines, without line ends */
export function renderTree(tree: TaskTree, options: RenderTreeOptions): string[] {
  const lines = toLines(tree.nodes)
  const layout = layoutOf(lines, options)
  return [...lines.map((line) => lineText(line, layout)), ...remarks(tree, options)].map((line) => line.trimEnd())
}

/** A node, or a request with the only task that failed in it. */
interface Line {
  /** `│ └ ` */
  readonly branch: string
  readonly outcome: TaskOutcome
  /** `✔ reserve` */
  readonly text: string
  readonly took: string
  readonly service: string
  readonly notes: string
}

interface Layout extends RenderTreeOptions {
  readonly text: number
  readonly took: number
  readonly service: number
}

function toLines(nodes: readonly TaskTreeNode[]): Line[] {
  const branches = branchesOf(nodes)
  return nodes.flatMap((node, i) => {
    if (isToldAbove(nodes, i)) return []
    const told = isToldAbove(nodes, i + 1) ? [node, nodes[i + 1] as TaskTreeNode] : [node]
    return [
      {
        branch: branches[i] as string,
        outcome: node.outcome,
        text: told.map((one) => nodeText(one, one === told.at(-1))).join(' → '),
        took: tookText(node.row.took_ms),
        service: node.row.service ?? '',
        notes: told.flatMap(notesOf).join(', '),
      },
    ]
  })
}

/** From the last to the first: by then it is known whether a sibling follows. */
function branchesOf(nodes: readonly TaskTreeNode[]): string[] {
  const follows: boolean[] = []
  return nodes
    .toReversed()
    .map(({ depth }) => {
      const level = Math.min(depth, MAX_DRAWN_DEPTH)
      const outer = Array.from({ length: Math.max(0, level - 1) }, (_, i) => (follows[i + 1] === true ? '│ ' : '  '))
      const own = level === 0 ? '' : follows[level] === true ? '├ ' : '└ '
      follows.length = level
      follows[level] = true
      return outer.join('') + own
    })
    .toReversed()
}

/** A request that failed because its only task did is told in one line with it. */
function isToldAbove(nodes: readonly TaskTreeNode[], index: number): boolean {
  const [request, task, next] = nodes.slice(Math.max(0, index - 1), index + 2)
  if (index === 0 || request === undefined || task === undefined || task.depth <= request.depth) return false
  const isOnly = next === undefined || next.depth <= request.depth
  const isWithin = request.row.component === 'http_server' && request.row.service === task.row.service
  const isTask = request.row.task === undefined && task.row.task !== undefined
  return isOnly && isWithin && isTask && request.outcome === 'failed' && task.outcome === 'failed'
}

/** @param hasReason  false: what stands behind it tells why */
function nodeText({ row, outcome }: TaskTreeNode, hasReason: boolean): string {
  const text = row.task === undefined && isAnswer(row) ? `${rowTitle(row)} ${rowOutcome(row)}` : rowTitle(row)
  return `${MARKS[outcome].glyph} ${visibleLine(hasReason ? withReason(text, reasonOf(row)) : text)}`
}

/** Whether its status says more than its mark: that it failed, and by which error. */
function isAnswer({ status }: TreeRow): boolean {
  return status !== undefined && status !== 'error'
}

function reasonOf(row: TreeRow): string {
  const { task, error } = row
  if (error === undefined) return ''
  if (task !== undefined) return error.message || error.type
  return [isAnswer(row) ? '' : rowOutcome(row), rowError(row)].filter((part) => part !== '').join(': ')
}

/** @param reason  of several lines the first is enough */
function withReason(text: string, reason: string): string {
  const [line = ''] = reason.split('\n', 1)
  return line === '' ? text : `${text}: ${line}`
}

/** What is unusual of it. */
function notesOf({ row, outcome, recovered, late }: TaskTreeNode): string[] {
  return [
    ...(outcome === 'unfinished' && row.task === undefined ? ['unfinished'] : []),
    ...(outcome === 'cancelled' ? ['cancelled'] : []),
    ...taskNotes(row),
    ...(Number(row.fields?.['attempt'] ?? 1) > 1 ? [`attempt ${Number(row.fields?.['attempt'])}`] : []),
    ...(recovered > 0 ? [plural(recovered, 'recovered line')] : []),
    ...(late > 0 ? [`${plural(late, 'line')} after its end`] : []),
  ]
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Long ones in seconds: `41.2 ms`, `12.3 s`. */
function tookText(millis: number | null | undefined): string {
  if (millis === null || millis === undefined) return ''
  if (millis >= 10_000) return `${(millis / 1_000).toFixed(1)} s`
  return `${millis < 1 ? millis.toFixed(2) : millis.toFixed(1)} ms`
}

function layoutOf(lines: readonly Line[], options: RenderTreeOptions): Layout {
  const widest = (text: (line: Line) => string, max: number): number =>
    lines.reduce((width, line) => Math.max(width, Math.min(max, widthOf(text(line)))), 0)
  const took = widest((line) => line.took, Infinity)
  const service = widest((line) => visibleLine(line.service), MAX_SERVICE_WIDTH)
  const notes = widest((line) => line.notes, Infinity)
  const room = options.columns === undefined ? MAX_TEXT_WIDTH : options.columns - took - service - notes - 7
  const text = widest((line) => line.branch + line.text, Math.max(MIN_TEXT_WIDTH, room))
  return { ...options, text, took, service }
}

function lineText({ branch, outcome, text, took, service, notes }: Line, layout: Layout): string {
  const { paint } = layout
  const room = layout.text - widthOf(branch)
  const shown = layout.columns === undefined ? text : fit(text, room)
  const filler = ' '.repeat(Math.max(0, room - widthOf(shown)))
  const name = padEnd(fit(visibleLine(service), layout.service), layout.service)
  return [
    branch + paint.tone(MARKS[outcome].tone, shown.slice(0, 1)) + coloured(shown.slice(1), outcome, paint) + filler,
    padStart(took, layout.took),
    `${paint.service(service, name)}${notes === '' ? '' : `   ${paint.tone('dim', notes)}`}`,
  ].join('  ')
}

function coloured(text: string, outcome: TaskOutcome, paint: Paint): string {
  return outcome === 'failed' ? paint.tone('red', text) : text
}

/** What the lines above do not show. */
function remarks({ nodes, loose_lines: loose, truncated }: TaskTree, { paint }: RenderTreeOptions): string[] {
  const texts = [
    loose > 0 ? `${plural(loose, 'line')} without a span.` : '',
    truncated === undefined ? '' : `The trace has ${truncated} more rows than are shown.`,
  ].filter((text) => text !== '')
  return [...(nodes.length > 0 && texts.length > 0 ? [''] : []), ...texts.map((text) => paint.tone('dim', text))]
}
