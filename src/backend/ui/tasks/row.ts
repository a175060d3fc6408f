/**
 * One root task on one line, painted into elements that are used again.
 */
import { clockOf, formatMillis } from '../format.ts'
import { laneClass } from '../lanes.ts'
import { setText, textElement } from '../text.ts'
import type { RootTask } from './root-tasks.ts'

/** A mark and a word: never colour alone. */
const MARKS: Readonly<Record<string, { readonly glyph: string; readonly kind: string }>> = {
  succeeded: { glyph: '·', kind: 'ok' },
  failed: { glyph: '✖', kind: 'error' },
  cancelled: { glyph: '▲', kind: 'aborted' },
}
const RUNNING = { glyph: '◌', kind: 'running' }

export function createTaskRow(): HTMLElement {
  const row = document.createElement('div')
  for (const name of ['began', 'mark', 'sentence', 'progress wide', 'path wide', 'took right']) {
    const cell = textElement('div', name)
    cell.setAttribute('role', 'gridcell')
    row.append(cell)
  }
  return row
}

export function paintTaskRow(element: HTMLElement, task: RootTask): void {
  const { glyph, kind } = task.status === undefined ? RUNNING : (MARKS[task.status] ?? RUNNING)
  element.className = `req task ${kind}`
  const [began, mark, sentence, progress, path, took] = element.children as unknown as [
    HTMLElement,
    HTMLElement,
    HTMLElement,
    HTMLElement,
    HTMLElement,
    HTMLElement,
  ]
  setText(began, clockOf(new Date(task.beganAt).toISOString()))
  const shown = textElement('span', `glyph ${kind}`, glyph)
  shown.setAttribute('aria-hidden', 'true')
  mark.replaceChildren(shown, textElement('span', 'sr', task.status ?? 'unfinished'))
  sentence.replaceChildren(...sentenceParts(task))
  setText(progress, task.progress)
  const service = textElement('span', 'svc')
  service.append(textElement('i', laneClass(task.service)), textElement('span', '', task.service))
  path.replaceChildren(service)
  setText(took, tookText(task))
}

function sentenceParts({ goal, status, said, traceId }: RootTask): (Node | string)[] {
  const link = document.createElement('a')
  link.href = `/traces/${traceId}`
  link.tabIndex = -1
  link.append(textElement('b', '', goal))
  return [
    link,
    textElement('span', 'arrow', '→'),
    textElement('span', 'st', status ?? 'unfinished'),
    ...(said === '' ? [] : [textElement('span', status === 'succeeded' ? 'note' : 'why', said)]),
  ]
}

function tookText({ status, tookMillis, beganAt }: RootTask): string {
  if (status === undefined) return `${formatMillis(Math.max(0, Date.now() - beganAt))} …`
  return tookMillis === undefined ? '' : formatMillis(tookMillis)
}
