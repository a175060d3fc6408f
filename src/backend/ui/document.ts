/**
 * The document that the page lives in, rendered by the backend: head, the first answer as data, and words for where no script runs.
 */
import { html, Markup } from './html.ts'

export interface FirstAnswer {
  /** The document's title, without the name of the program. */
  readonly title: string
  /** What the page's script reads: api.ts, `First`. */
  readonly first: unknown
  /** What went wrong, for where no script runs. */
  readonly problem?: string | undefined
  /** `dark`, `light`: asked for by the address. */
  readonly theme?: string | undefined
}

export function renderDocument({ title, first, problem, theme }: FirstAnswer): string {
  const isKnown = theme === 'dark' || theme === 'light'
  return html`<!doctype html>
    <html lang="en" ${isKnown ? html`data-theme="${theme}"` : undefined}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="dark light" />
        <title>${title} – tracelog</title>
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href="/app.css" />
        <script type="application/json" id="first">
          ${new Markup(jsonInMarkup(first))}
        </script>
        <script type="module" src="/app.js"></script>
      </head>
      <body>
        <div id="app">
          <noscript>
            <p class="problem">${problem}</p>
            <p class="empty">
              This page needs JavaScript. A request is there as plain text too: /traces/4bf92f35?format=text, with the
              first digits of its trace.
            </p>
          </noscript>
        </div>
      </body>
    </html> `.text
}

/** What ends a script, begins a comment, or would be obeyed by who looks at the source. */
const UNSAFE = /[<>&\u2028\u2029\u007f-\u009f\u00ad]|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g

/** JSON that no parser of markup can read as anything else. */
function jsonInMarkup(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
