/**
 * Parts of a line that is rendered by the backend: the level, the fields.
 */
import { formatValue } from './format.ts'
import { html, type Markup } from './html.ts'

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
