/**
 * A failure as a page: what went wrong and what to do, in one sentence each.
 */
import { html } from './html.ts'
import { layout } from './layout.ts'

const TITLES: Readonly<Record<number, string>> = {
  401: 'This page needs its token',
  404: 'Not found',
}

/** @param message  what the API would have said */
export function renderProblem(status: number, message: string): string {
  const title = TITLES[status] ?? 'That did not work'
  const content = html`<div class="empty">
    <h1>${title}</h1>
    <p>${message}</p>
  </div>`
  return layout({ title: `${title} – tracelog`, view: 'request', content })
}
