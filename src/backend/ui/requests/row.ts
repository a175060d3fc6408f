/**
 * One request on one line (two on a narrow screen): painted into elements that are used again.
 */
import type { Outcome, RequestRow, StripPart } from '../../../model/api.ts'
import { requestWords } from '../../../model/request-words.ts'
import { marked } from '../compare/open-compare.ts'
import { clockOf, formatMillis } from '../format.ts'
import { laneClass } from '../lanes.ts'
import { setText, textElement } from '../text.ts'
import type { RequestItem } from './list.ts'

const SVG = 'http://www.w3.org/2000/svg'
const STRIP_UNITS = 1_000
/** More never fit. */
const MOST_SERVICES = 6

/** A mark and a word: never colour alone. */
const OUTCOMES: Readonly<Record<Outcome, { readonly glyph: string; readonly word: string }>> = {
  ok: { glyph: '·', word: 'ok' },
  client_error: { glyph: '▲', word: 'client error' },
  error: { glyph: '✖', word: 'error' },
  aborted: { glyph: '▲', word: 'aborted' },
  running: { glyph: '◌', word: 'running' },
}

export function createRequestRow(): HTMLElement {
  const row = document.createElement('div')
  for (const name of ['began', 'mark', 'sentence', 'path wide', 'cache wide', 'strip-cell wide', 'took right']) {
    const cell = textElement('div', name)
    cell.setAttribute('role', 'gridcell')
    row.append(cell)
  }
  return row
}

export function paintRequestRow(element: HTMLElement, { row }: RequestItem, longest: number): void {
  element.className = `req ${row.outcome}${marked.value.includes(row.trace_id) ? ' marked' : ''}`
  const [began, mark, sentence, path, cache, strip, took] = element.children as unknown as HTMLElement[]
  setText(began as HTMLElement, clockOf(row.started_at))
  paintMark(mark as HTMLElement, row.outcome)
  sentence?.replaceChildren(...sentenceParts(row))
  path?.replaceChildren(...pathParts(row.services))
  cache?.replaceChildren(...(row.cache_hit === undefined ? [] : [badge(row.cache_hit)]))
  strip?.replaceChildren(stripOf(row, longest))
  setText(took as HTMLElement, tookText(row))
}

function paintMark(cell: HTMLElement, outcome: Outcome): void {
  const { glyph, word } = OUTCOMES[outcome]
  const shown = textElement('span', `glyph ${outcome}`, glyph)
  shown.setAttribute('aria-hidden', 'true')
  cell.replaceChildren(shown, textElement('span', 'sr', word))
}

function sentenceParts(row: RequestRow): (Node | string)[] {
  const { method, target, end, why } = requestWords(row)
  const link = document.createElement('a')
  link.href = `/traces/${row.trace_id}`
  link.tabIndex = -1
  link.append(textElement('b', '', method), ' ', textElement('span', '', target))
  const hundred = row.status === undefined ? 'none' : String(row.status).slice(0, 1)
  return [
    link,
    textElement('span', 'arrow', '→'),
    textElement('span', `st s${hundred}`, end),
    ...(why === '' ? [] : [textElement('span', 'why', why)]),
  ]
}

function pathParts(services: readonly string[]): HTMLElement[] {
  const shown = services.slice(0, MOST_SERVICES).flatMap(serviceParts)
  const left = services.length - MOST_SERVICES
  return left > 0 ? [...shown, textElement('span', 'then', `and ${left} more`)] : shown
}

function serviceParts(service: string, index: number): HTMLElement[] {
  const shown = textElement('span', 'svc')
  const bar = textElement('i', laneClass(service))
  shown.append(bar, textElement('span', '', service))
  return index === 0 ? [shown] : [textElement('span', 'then', '›'), shown]
}

function badge(isHit: boolean): HTMLElement {
  return textElement('span', isHit ? 'badge hit' : 'badge miss', isHit ? 'hit' : 'miss')
}

function tookText({ duration_ms: took, started_at: began }: RequestRow): string {
  return took === null ? `${formatMillis(Math.max(0, Date.now() - Date.parse(began)))} …` : formatMillis(took)
}

/** Its length is on a square-root scale that the whole list shares, so that a slow request does not flatten the others. */
function stripOf(row: RequestRow, longest: number): SVGElement {
  const scale = Math.max(0.02, Math.sqrt(Math.min(1, (row.duration_ms ?? longest) / longest)))
  const strip = document.createElementNS(SVG, 'svg')
  strip.setAttribute('class', 'strip')
  strip.setAttribute('viewBox', `0 0 ${STRIP_UNITS} 12`)
  strip.setAttribute('preserveAspectRatio', 'none')
  strip.setAttribute('aria-hidden', 'true')
  strip.append(rect('track', 0, STRIP_UNITS), ...row.strip.map((part) => partOf(part, scale)))
  return strip
}

function partOf({ kind, service, at, length }: StripPart, scale: number): SVGElement {
  const x = at * scale * STRIP_UNITS
  if (kind === 'error') return rect('mark-error', Math.min(x, STRIP_UNITS - 8), 8)
  return rect(kind === 'gap' ? 'gap' : laneClass(service ?? ''), x, Math.max(2, length * scale * STRIP_UNITS))
}

function rect(className: string, x: number, width: number): SVGElement {
  const shape = document.createElementNS(SVG, 'rect')
  shape.setAttribute('class', className)
  shape.setAttribute('x', x.toFixed(1))
  shape.setAttribute('width', width.toFixed(1))
  shape.setAttribute('height', '12')
  return shape
}
