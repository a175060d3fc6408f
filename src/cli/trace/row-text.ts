/**
 * What one row of the tree says, without its place in the tree: `GET /api/cart  500  → web-2 127.0.0.1:3001`.
 *
 * Pieces, so that the caller can colour them and cut them by cells.
 */
import type { TreeRow } from '../../model/api.ts'
import type { Tone } from '../colour.ts'
import { toneOfLevel } from '../colour.ts'
import { fieldsText, levelLetter, messageWithError } from '../record-fields.ts'
import { visibleLine } from '../../model/visible-text.ts'

export interface Piece {
  readonly text: string
  readonly tone?: Tone | undefined
}

/** What the rest of the tree says about a row. */
export interface RowContext {
  /** Who reported an inferred row. */
  readonly parentService: string | undefined
  /** Whether a log row tells the same error: then the span's row need not. */
  readonly isErrorTold: boolean
}

export function rowPieces(row: TreeRow, context: RowContext): Piece[] {
  if (row.kind === 'gap') return [{ text: visibleLine(row.message ?? ''), tone: 'dim' }]
  return row.kind === 'log' ? logPieces(row) : spanPieces(row, context)
}

function logPieces(row: TreeRow): Piece[] {
  const tone = toneOfLevel(row.level)
  const error = row.error && { type: visibleLine(row.error.type), message: visibleLine(row.error.message) }
  const { text, said } = messageWithError(visibleLine(withoutStack(row)), error)
  return present([
    { text: `${levelLetter(row.level)} ${text}`, tone },
    { text: fieldsText(row.fields, said), tone: 'dim' },
  ])
}

/** A message that is the stack itself (`console.error(error)`): the stack has its own lines. */
function withoutStack({ message = '', error }: TreeRow): string {
  const isStack = error?.stack !== undefined && message.includes('\n    at ')
  return isStack ? message.slice(0, message.indexOf('\n    at ')) : message
}

/** Told by the title, by the status, or of no use on a span's row. */
function spanPieces(row: TreeRow, { parentService, isErrorTold }: RowContext): Piece[] {
  return present([
    { text: visibleLine(row.component === 'cache' ? cacheTitle(row) : requestTitle(row)) },
    { text: outcomeText(row), tone: outcomeTone(row) },
    { text: upstreamText(row) },
    { text: fieldsText(spanFields(row)), tone: 'dim' },
    { text: isErrorTold ? '' : errorText(row), tone: 'red' },
    { text: inferredText(row, parentService), tone: 'dim' },
  ])
}

/** A 5xx has its status for a type: that is said already. */
function errorText({ error, status }: TreeRow): string {
  if (error === undefined || (error.message === '' && error.type === String(status))) return ''
  return visibleLine(error.message === '' ? error.type : `${error.type}: ${error.message}`)
}

/** The path that was asked for says more than the route in the span's name. */
function requestTitle(row: TreeRow): string {
  const { method, path } = row.fields ?? {}
  if (row.component === 'client' || typeof method !== 'string' || typeof path !== 'string')
    return row.name ?? '(no name)'
  return `${method} ${path}`
}

function cacheTitle(row: TreeRow): string {
  const { cache_op: op, cache_key: key, cache_name: name } = row.fields ?? {}
  if (typeof op !== 'string') return row.name ?? 'cache'
  const of = key ?? name
  return typeof of === 'string' ? `${op.toUpperCase()} ${of}` : op.toUpperCase()
}

function outcomeText(row: TreeRow): string {
  const hit = row.fields?.['cache_hit']
  if (row.component === 'cache' && typeof hit === 'boolean') return hit ? 'hit' : 'miss'
  return row.status === undefined ? '' : visibleLine(String(row.status))
}

function outcomeTone(row: TreeRow): Tone | undefined {
  const status = Number(row.status)
  if (status >= 500 || row.status === 'ERROR') return 'red'
  return status >= 400 ? 'amber' : undefined
}

function upstreamText(row: TreeRow): string {
  const { upstream, lb_server: server } = row.fields ?? {}
  const words = [server, upstream].filter((word) => typeof word === 'string' && word !== '')
  return words.length === 0 ? '' : `→ ${visibleLine(words.join(' '))}`
}

/** On a span's row only what tells one request from another; the rest is in `--json`. */
function spanFields(row: TreeRow): Record<string, unknown> {
  const fields = row.fields ?? {}
  const isCache = row.component === 'cache'
  return {
    cache_name: isCache && fields['cache_key'] !== undefined ? fields['cache_name'] : undefined,
    cache_hit: isCache ? undefined : fields['cache_hit'],
    retries: Number(fields['retries'] ?? 0) > 0 ? fields['retries'] : undefined,
    aborted: fields['aborted'] === true ? true : undefined,
  }
}

function inferredText(row: TreeRow, parentService: string | undefined): string {
  if (row.inferred !== true) return ''
  if (parentService === undefined || parentService === row.service) return ' (inferred)'
  return ` (seen from ${visibleLine(parentService)} only)`
}

function present(pieces: readonly Piece[]): Piece[] {
  return pieces.filter(({ text }) => text !== '')
}
