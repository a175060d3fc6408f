/**
 * What every view has around it: the head, the bar with the views and the query.
 */
import { type Content, html, type Markup } from './html.ts'

export type View = 'requests' | 'logs' | 'request'

export interface LayoutOptions {
  readonly title: string
  readonly view: View
  /** The query text; undefined: this view has no query bar. */
  readonly q?: string
  readonly problem?: string | undefined
  readonly content: Content
}

/** A whole document. */
export function layout({ title, view, q, problem, content }: LayoutOptions): string {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="dark light" />
        <title>${title}</title>
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body data-view="${view}">
        <header>
          <a class="brand" href="/"
            ><svg class="logo" viewBox="0 0 18 14" aria-hidden="true">
              <rect class="lane-0" width="18" height="3" rx="1.5" />
              <rect class="lane-1" x="4" y="5.5" width="14" height="3" rx="1.5" />
              <rect class="lane-2" x="8" y="11" width="6" height="3" rx="1.5" /></svg
            >tracelog</a
          >
          <nav aria-label="Views">${tab('/', 'Requests', view !== 'logs')}${tab('/logs', 'Logs', view === 'logs')}</nav>
          ${q === undefined ? html`<span class="fill"></span>` : queryBar(view, q)}
          <span class="live" id="live" role="status" hidden>live</span>
        </header>
        ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
        <main>${content}</main>
      </body>
    </html> `
  return document.text
}

function tab(address: string, name: string, isCurrent: boolean): Markup {
  return isCurrent ? html`<a href="${address}" aria-current="page">${name}</a>` : html`<a href="${address}">${name}</a>`
}

function queryBar(view: View, q: string): Markup {
  const action = view === 'logs' ? '/logs' : '/'
  const hint = 'service:api level>=warn status>=500 "upstream timeout"'
  return html`<form class="query" action="${action}" method="get" role="search">
    <input
      id="query"
      name="q"
      type="search"
      value="${q}"
      placeholder="${hint}"
      aria-label="Query"
      autocomplete="off"
      spellcheck="false"
    /><kbd>/</kbd>
  </form>`
}
