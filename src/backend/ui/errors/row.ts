/**
 * One error on two lines (three on a narrow screen): painted into elements that are used again.
 */
import type { ErrorRow } from '../../../model/api.ts'
import { clockOf } from '../format.ts'
import { laneClass } from '../lanes.ts'
import { openAddress } from '../state.ts'
import { setText, textElement } from '../text.ts'
import { type ErrorItem, recordsOf, requestOf } from './list.ts'

const SVG = 'http://www.w3.org/2000/svg'
const BAR = 4
const HEIGHT = 24
/** Names that stand in a row. */
const NAMED = 3

export function createErrorRow(): HTMLElement {
  const row = document.createElement('div')
  for (const name of ['struck right', 'what', 'spark-cell wide', 'last right', 'where']) {
    const cell = textElement('div', name)
    cell.setAttribute('role', 'gridcell')
    row.append(cell)
  }
  return row
}

export function paintErrorRow(element: HTMLElement, { row }: ErrorItem): void {
  element.className = 'err-row'
  const [count, what, spark, last, where] = element.children as unknown as HTMLElement[]
  setText(count as HTMLElement, `${row.count.toLocaleString('en')}×`)
  what?.replaceChildren(...whatParts(row))
  spark?.replaceChildren(sparkOf(row.spark))
  setText(last as HTMLElement, clockOf(row.last_at).slice(0, 8))
  where?.replaceChildren(...whereParts(row))
}

function whatParts(row: ErrorRow): Node[] {
  const link = document.createElement('a')
  link.href = requestOf(row)
  link.tabIndex = -1
  const { type, message } = row
  const told = message === type ? '' : message.startsWith(`${type}: `) ? message.slice(type.length + 2) : message
  link.append(textElement('b', '', type), ...(told === '' ? [] : [textElement('span', 'message', told)]))
  return [...(row.new === true ? [textElement('span', 'badge', 'new')] : []), link]
}

function whereParts(row: ErrorRow): Node[] {
  const { frame, services, routes } = row
  return [
    ...(frame === undefined ? [] : [textElement('span', 'frame', `at ${frame}`)]),
    ...services.slice(0, NAMED).map(serviceOf),
    ...routes.slice(0, NAMED).map((route) => textElement('span', 'route', route)),
    ...moreOf(services.length + routes.length, Math.min(NAMED, services.length) + Math.min(NAMED, routes.length)),
    textElement('span', 'since', `since ${sinceText(row)}`),
    recordsLink(row),
  ]
}

/** The day only where it is another than that of the last. */
function sinceText({ first_at: first, last_at: last }: ErrorRow): string {
  const clock = clockOf(first).slice(0, 8)
  return first.slice(0, 10) === last.slice(0, 10) ? clock : `${first.slice(0, 10)} ${clock}`
}

function moreOf(all: number, named: number): Node[] {
  return all > named ? [textElement('span', 'more', `and ${all - named} more`)] : []
}

function serviceOf(service: string): HTMLElement {
  const shown = textElement('span', 'svc')
  shown.append(textElement('i', laneClass(service)), textElement('span', '', service))
  return shown
}

/** Another way than that of the row, which opens the request. */
function recordsLink(row: ErrorRow): HTMLElement {
  const link = textElement('a', 'records', 'records') as HTMLAnchorElement
  link.href = recordsOf(row)
  link.tabIndex = -1
  link.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    event.stopPropagation()
    openAddress(link.href)
  })
  return link
}

function sparkOf(numbers: readonly number[]): SVGElement {
  const most = Math.max(1, ...numbers)
  const spark = document.createElementNS(SVG, 'svg')
  spark.setAttribute('class', 'spark')
  spark.setAttribute('viewBox', `0 0 ${numbers.length * BAR} ${HEIGHT}`)
  spark.setAttribute('preserveAspectRatio', 'none')
  spark.setAttribute('aria-hidden', 'true')
  for (const [index, number] of numbers.entries()) {
    const height = number === 0 ? 1 : Math.max(3, (number / most) * HEIGHT)
    const bar = document.createElementNS(SVG, 'rect')
    bar.setAttribute('class', number === 0 ? 'track' : 'mark-error')
    bar.setAttribute('x', String(index * BAR))
    bar.setAttribute('y', String(HEIGHT - height))
    bar.setAttribute('width', String(BAR - 1))
    bar.setAttribute('height', String(height))
    spark.append(bar)
  }
  return spark
}
