/**
 * The list of requests: one row each, newest first, with a sentence, where it went, and where its time went.
 */
import type { Outcome, RequestRow, RequestsPage, StripPart } from '../../model/api.ts'
import { clockOf, formatMillis, laneOf } from './format.ts'
import { html, type Markup } from './html.ts'
import { layout } from './layout.ts'

/** What a list shows beside its rows. */
export interface ListView {
  readonly q: string
  readonly next: string | undefined
  readonly problem?: string
}

/** A mark and a word: never colour alone. */
const OUTCOMES: Readonly<Record<Outcome, { readonly glyph: string; readonly word: string }>> = {
  ok: { glyph: '·', word: 'ok' },
  client_error: { glyph: '▲', word: 'client error' },
  error: { glyph: '✖', word: 'error' },
  aborted: { glyph: '▲', word: 'aborted' },
  running: { glyph: '◌', word: 'running' },
}

const STRIP_UNITS = 1_000

export function renderRequests({ requests }: RequestsPage, view: ListView): string {
  const longest = Math.max(0.001, ...requests.map((row) => row.duration_ms ?? 0))
  const content = html`<h1 class="sr">Requests</h1>
    <div class="list requests" id="list">
      <div class="cols" aria-hidden="true">
        <span>time</span><span></span><span>request</span><span>services</span><span>cache</span
        ><span>where the time went</span><span class="right">took</span>
      </div>
      ${requests.length === 0 ? empty(view) : requests.map((row) => requestRow(row, longest))}
    </div>
    ${view.next === undefined ? undefined : html`<p class="more"><a href="${view.next}">Older requests</a></p>`}`
  return layout({ title: 'Requests – tracelog', view: 'requests', q: view.q, problem: view.problem, content })
}

function empty(view: ListView): Markup {
  if (view.q !== '' || view.problem !== undefined) return html`<p class="empty">No request matches.</p>`
  return html`<div class="empty">
    <p>No requests yet.</p>
    <p>Start an application with its records coming here:</p>
    <pre>npx tracelog run -- npm start</pre>
    <p>Lines that belong to no request are under <a href="/logs">Logs</a>.</p>
  </div>`
}

function requestRow(row: RequestRow, longest: number): Markup {
  const { glyph, word } = OUTCOMES[row.outcome]
  return html`<a class="req ${row.outcome}" href="/traces/${row.trace_id}" data-row>
    <time class="mono dim" datetime="${row.started_at}">${clockOf(row.started_at)}</time>
    <span class="glyph ${row.outcome}" title="${word}">${glyph}<span class="sr">${word}</span></span>
    ${sentence(row)}
    <span class="path"
      >${row.services.map((service, index) => [
        index > 0 ? html`<i>›</i>` : undefined,
        html`<span class="svc"
          ><svg viewBox="0 0 3 12" aria-hidden="true">
            <rect class="lane-${laneOf(service)}" width="3" height="12" rx="1.5" /></svg
          >${service}</span
        >`,
      ])}</span
    >
    <span>${cacheBadge(row)}</span>
    ${strip(row, longest)}
    <span class="mono right mid">${row.duration_ms === null ? '…' : formatMillis(row.duration_ms)}</span>
  </a> `
}

function sentence(row: RequestRow): Markup {
  const what = row.path ?? row.route ?? row.trace_id.slice(0, 8)
  const end =
    row.status === undefined ? html`<span class="dim">${OUTCOMES[row.outcome].word}</span>` : status(row.status)
  const why = [row.error_type, row.error_message].filter((part) => part !== undefined && part !== String(row.status))
  return html`<span class="sentence"
    ><b>${row.method}</b> ${what}
    <span class="arrow">→</span>
    ${end}${why.length === 0 ? undefined : html` <span class="why">${why.join(': ')}</span>`}</span
  >`
}

/** A status with the class of its hundred, for the colour. */
export function status(code: number | string): Markup {
  return html`<span class="st s${String(code).slice(0, 1)}">${code}</span>`
}

function cacheBadge({ cache_hit: hit }: RequestRow): Markup | undefined {
  if (hit === undefined) return undefined
  return hit ? html`<span class="badge hit">hit</span>` : html`<span class="badge miss">miss</span>`
}

/** Its length is on a square-root scale that the whole list shares, so that a slow request does not flatten the others. */
function strip(row: RequestRow, longest: number): Markup {
  const length = Math.max(0.02, Math.sqrt((row.duration_ms ?? longest) / longest))
  return html`<svg class="strip" viewBox="0 0 ${STRIP_UNITS} 12" preserveAspectRatio="none" aria-hidden="true">
    <rect class="track" width="${STRIP_UNITS}" height="12" rx="3" />
    ${row.strip.map((part) => stripPart(part, length))}
  </svg>`
}

function stripPart(part: StripPart, scale: number): Markup {
  const x = (part.at * scale * STRIP_UNITS).toFixed(1)
  if (part.kind === 'error') return html`<rect class="mark-error" x="${x}" width="6" height="12" />`
  const width = Math.max(2, part.length * scale * STRIP_UNITS).toFixed(1)
  const lane = part.kind === 'gap' ? 'gap' : `lane-${laneOf(part.service ?? '')}`
  return html`<rect class="${lane}" x="${x}" width="${width}" height="12" />`
}
