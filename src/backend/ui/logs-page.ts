/**
 * The newest records, one line each, for those that belong to no request as well.
 */
import type { LogRow, LogsPage } from '../../model/api.ts'
import { errorInFields, messageWithError } from '../../model/row-words.ts'
import { shownFields } from '../../model/shown-fields.ts'
import { clockOf, formatValue, laneOf } from './format.ts'
import { html, type Markup } from './html.ts'
import { layout } from './layout.ts'

/** What a list shows beside its rows. */
export interface ListView {
  readonly q: string
  readonly next: string | undefined
  readonly problem?: string
}

export function renderLogs({ logs }: LogsPage, view: ListView): string {
  const content = html`<h1 class="sr">Logs</h1>
    <div class="list logs" id="list">
      <div class="cols" aria-hidden="true">
        <span>time</span><span>service</span><span></span><span>message</span><span>request</span>
      </div>
      ${logs.length === 0 ? html`<p class="empty">${view.q === '' ? 'No records yet.' : 'No record matches.'}</p>` : logs.map(logRow)}
    </div>
    ${view.next === undefined ? undefined : html`<p class="more"><a href="${view.next}">Older records</a></p>`}`
  return layout({ title: 'Logs – tracelog', view: 'logs', q: view.q, problem: view.problem, content })
}

function logRow(row: LogRow): Markup {
  const { text, said } = messageWithError(row.message, errorInFields(row), row)
  const inside = html`<time class="mono dim" datetime="${row.timestamp}">${clockOf(row.timestamp)}</time>
    <span class="svc"
      ><svg viewBox="0 0 3 12" aria-hidden="true">
        <rect class="lane-${laneOf(row.service)}" width="3" height="12" rx="1.5" /></svg
      >${row.service}</span
    >
    ${levelMark(row.level)}
    <span class="line">${text} ${fieldList(shownFields(row, said))}</span>
    <span class="mono dim">${row.trace_id?.slice(0, 8)}</span>`
  const level = row.level.toLowerCase()
  return row.trace_id === undefined
    ? html`<div class="log ${level}" tabindex="0" data-row>${inside}</div> `
    : html`<a class="log ${level}" href="/traces/${row.trace_id}" data-row>${inside}</a> `
}

/** The level as a letter, with its word for those who cannot see it. */
export function levelMark(level: string): Markup {
  return html`<span class="lv ${level.toLowerCase()}" title="${level}"
    >${level.slice(0, 1)}<span class="sr">${level.slice(1)}</span></span
  >`
}

/** All of them: what does not fit is cut by the page's layout, the application's come first. */
export function fieldList(fields: readonly (readonly [name: string, value: unknown])[]): Markup {
  return html`<span class="fields">${fields.map(([name, value]) => html`<i>${name}</i>=${formatValue(value)} `)}</span>`
}
