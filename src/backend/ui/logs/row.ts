/**
 * One line of the logs (two on a narrow screen), painted into elements that are used again.
 */
import { clockOf } from '../format.ts'
import { laneClass } from '../lanes.ts'
import { setText, textElement } from '../text.ts'
import type { Field, Line } from './line.ts'

export function createLogRow(): HTMLElement {
  const row = document.createElement('div')
  for (const name of ['when', 'svc', 'lv', 'line', 'trace']) {
    const cell = textElement('div', name)
    cell.setAttribute('role', 'gridcell')
    row.append(cell)
  }
  const [, service, level] = row.children
  service?.append(document.createElement('i'), document.createElement('span'))
  const letter = textElement('span', '')
  letter.setAttribute('aria-hidden', 'true')
  level?.append(letter, textElement('span', 'sr'))
  return row
}

/** @param columns  keys that have a column of their own @param words  texts of the query, in lower case, to be marked */
export function paintLogRow(
  element: HTMLElement,
  line: Line,
  { columns, words }: { readonly columns: readonly string[]; readonly words: readonly string[] },
): void {
  const [when, service, level, text, trace] = element.children as unknown as HTMLElement[]
  if (line.kind === 'note') {
    element.className = 'log note'
    for (const cell of [when, trace]) if (cell !== undefined) cell.textContent = ''
    text?.replaceChildren(textElement('span', '', line.text))
    return
  }
  const { row } = line
  element.className = `log ${row.level.toLowerCase()}`
  setText(when as HTMLElement, clockOf(row.timestamp))
  if (service?.firstElementChild) service.firstElementChild.className = laneClass(row.service)
  if (service?.lastElementChild) setText(service.lastElementChild, row.service)
  if (level?.firstElementChild) setText(level.firstElementChild, row.level.slice(0, 1))
  if (level?.lastElementChild) setText(level.lastElementChild, row.level)
  const shown = columns.map((name): Field => [name, line.fields.find(([other]) => other === name)?.[1] ?? ''])
  const rest = line.fields.filter(([name]) => !columns.includes(name))
  text?.replaceChildren(
    ...shown.map(([name, value]) => Object.assign(textElement('span', 'own-column', value), { title: name })),
    ...marked(line.text, words),
    ...rest.flatMap(fieldParts),
  )
  paintTrace(trace as HTMLElement, row.trace_id)
}

function fieldParts([name, value]: Field): Node[] {
  const field = textElement('span', 'field')
  field.append(textElement('i', '', `${name}=`), textElement('span', '', value))
  return [document.createTextNode(' '), field]
}

function paintTrace(cell: HTMLElement, traceId: string | undefined): void {
  if (traceId === undefined) return cell.replaceChildren()
  const link = document.createElement('a')
  link.href = `/traces/${traceId}`
  link.tabIndex = -1
  link.dataset['view'] = ''
  setText(link, traceId.slice(0, 8))
  cell.replaceChildren(link)
}

/** The text in pieces, those that were asked for marked. */
function marked(text: string, words: readonly string[]): Node[] {
  const lower = text.toLowerCase()
  const pieces: Node[] = []
  let at = 0
  // Lower case of another length has other places: then nothing is marked.
  while (lower.length === text.length && words.length > 0) {
    const found = words.map((word) => ({ word, place: lower.indexOf(word, at) })).filter(({ place }) => place >= 0)
    const next = found.toSorted((a, b) => a.place - b.place)[0]
    if (next === undefined || pieces.length > 20) break
    if (next.place > at) pieces.push(textElement('span', '', text.slice(at, next.place)))
    pieces.push(textElement('mark', '', text.slice(next.place, next.place + next.word.length)))
    at = next.place + next.word.length
  }
  if (at < text.length) pieces.push(textElement('span', '', text.slice(at)))
  return pieces
}
