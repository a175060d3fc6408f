/**
 * What one row of the tree says, without its place in the tree: `GET /api/cart  500  → web-2 127.0.0.1:3001`.
 *
 * Pieces, so that the caller can colour them and cut them by cells.
 */
import type { TreeRow } from '../../model/api.ts'
import {
  messageWithError,
  messageWithoutStack,
  rowError,
  rowOutcome,
  rowTitle,
  spanFields,
  taskNotes,
} from '../../model/row-words.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { fieldsText, levelLetter } from './fields-text.ts'
import { toneOfLevel, type Tone } from './paint.ts'
import { inferredWords, type RowContext } from './row-context.ts'

export interface Piece {
  readonly text: string
  readonly tone?: Tone | undefined
}

export function rowPieces(row: TreeRow, context: RowContext): Piece[] {
  if (row.kind === 'gap') return [{ text: visibleLine(row.message ?? ''), tone: 'dim' }]
  return row.kind === 'log' ? logPieces(row) : spanPieces(row, context)
}

function logPieces(row: TreeRow): Piece[] {
  const tone = toneOfLevel(row.level)
  const { text, said } = messageWithError(messageWithoutStack(row), row.error, row.fields)
  return present([
    { text: `${levelLetter(row.level)} ${visibleLine(text)}`, tone },
    { text: fieldsText(row.fields, said), tone: 'dim' },
  ])
}

/** Told by the title, by the status, or of no use on a span's row. */
function spanPieces(row: TreeRow, { parentService, isErrorTold }: RowContext): Piece[] {
  return present([
    { text: visibleLine(rowTitle(row)) },
    { text: outcomeText(row), tone: outcomeTone(row) },
    { text: upstreamText(row) },
    { text: fieldsText(spanFields(row)), tone: 'dim' },
    { text: isErrorTold ? '' : visibleLine(rowError(row)), tone: 'red' },
    { text: taskNotes(row).join(', '), tone: 'dim' },
    { text: inferredText(row, parentService), tone: 'dim' },
  ])
}

function outcomeText(row: TreeRow): string {
  const hit = row.fields?.['cache_hit']
  if (row.component === 'cache' && typeof hit === 'boolean') return hit ? 'hit' : 'miss'
  return visibleLine(rowOutcome(row))
}

function outcomeTone(row: TreeRow): Tone | undefined {
  const status = Number(row.status)
  // Any other word is the status of a gRPC call.
  const hasWordAndError = Number.isNaN(status) && row.error !== undefined
  if (status >= 500 || row.status === 'error' || hasWordAndError) return 'red'
  return status >= 400 ? 'amber' : undefined
}

function upstreamText(row: TreeRow): string {
  const { upstream, lb_server: server } = row.fields ?? {}
  const words = [server, upstream].filter((word) => typeof word === 'string' && word !== '')
  return words.length === 0 ? '' : `→ ${visibleLine(words.join(' '))}`
}

function inferredText(row: TreeRow, parentService: string | undefined): string {
  const words = inferredWords(row, parentService)
  return words === '' ? '' : ` (${visibleLine(words)})`
}

function present(pieces: readonly Piece[]): Piece[] {
  return pieces.filter(({ text }) => text !== '')
}
