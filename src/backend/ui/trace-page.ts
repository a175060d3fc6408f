/**
 * One request as a tree: the same rows, in the same order, as `tracelog trace` prints.
 */
import type { TraceTree, TreeRow } from '../../model/api.ts'
import {
  messageWithError,
  messageWithoutStack,
  rowError,
  rowOutcome,
  rowTitle,
  spanFields,
  taskNotes,
} from '../../model/row-words.ts'
import { shownFields } from '../../model/shown-fields.ts'
import { clockOf, formatMillis, formatOffset, formatValue, laneOf } from './format.ts'
import { html, type Markup } from './html.ts'
import { layout } from './layout.ts'
import { fieldList, levelMark } from './line-parts.ts'

const BAR_UNITS = 1_000

export function renderTrace(tree: TraceTree): string {
  const length = Math.max(0.001, tree.duration_ms ?? 0, ...tree.rows.map((row) => row.at_ms + (row.took_ms ?? 0)))
  const content = html`<div class="head">
      <h1>${tree.sentence}</h1>
      <p class="mid">
        ${summary(tree)}
        <span class="mono dim"
          >${tree.trace_id} · <time datetime="${tree.started_at}">${clockOf(tree.started_at)}</time></span
        >
      </p>
    </div>
    <table class="tree" aria-label="What happened, in order">
      <thead>
        <tr>
          <th scope="col" class="right">+ms</th>
          <th scope="col">service</th>
          <th scope="col">what happened</th>
          <th scope="col" class="right">took</th>
          <th scope="col">
            <span class="axis"><span>0</span><span>${formatMillis(length)}</span></span>
          </th>
        </tr>
      </thead>
      <tbody id="list">
        ${tree.rows.map((row, index) => treeRow(row, { length, previous: tree.rows[index - 1]?.service }))}
      </tbody>
    </table>
    <p class="more">
      <a href="/" data-back>All requests</a> · <a href="/api/v1/traces/${tree.trace_id}">JSON</a> ·
      <a href="/api/v1/traces/${tree.trace_id}?format=otlp">OTLP</a> ·
      <a href="/traces/${tree.trace_id}?format=text">Text</a>
    </p>`
  return layout({ title: `${tree.sentence} – tracelog`, view: 'request', content })
}

/** A status with the class of its hundred, for the colour. */
function status(code: number | string): Markup {
  return html`<span class="st s${String(code).slice(0, 1)}">${code}</span>`
}

function summary({ services, counts, skew }: TraceTree): string {
  const parts = [
    countOf(services.length, 'service'),
    countOf(counts.spans, 'span') + (counts.inferred > 0 ? ` (${counts.inferred} inferred)` : ''),
    countOf(counts.logs, 'line') + (counts.recovered > 0 ? ` (${counts.recovered} recovered)` : ''),
    countOf(counts.errors, 'error'),
  ]
  // A difference within its own uncertainty is none that anybody could know of.
  const known = skew.filter(({ ahead_ms: ahead, bound_ms: bound }) => Math.abs(ahead) > bound)
  const clocks = known.map(({ from, to, ahead_ms: ahead, bound_ms: bound }) => {
    const sign = ahead < 0 ? 'behind' : 'ahead of'
    return ` The clock of ${to} is ${formatMillis(Math.abs(ahead))} ${sign} ${from}'s, give or take ${formatMillis(bound)}.`
  })
  return `${parts.join(', ')}.${clocks.join('')}`
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

interface RowPlace {
  /** Of the whole trace. Milliseconds. */
  readonly length: number
  /** Service of the row above: its name is not repeated. */
  readonly previous: string | undefined
}

function treeRow(row: TreeRow, { length, previous }: RowPlace): Markup {
  const service = row.service ?? ''
  const isError = row.error !== undefined || row.level === 'ERROR' || row.level === 'FATAL'
  const name = row.kind === 'gap' || service === previous ? html`<span class="sr">${service}</span>` : service
  return html`<tr
    class="${row.kind}${isError ? ' err' : ''}${row.inferred === true ? ' inferred' : ''}"
    tabindex="0"
    data-row
  >
    <td class="mono dim right">${row.kind === 'gap' ? undefined : formatOffset(row.at_ms)}</td>
    <td class="lane">
      ${service === '' ? undefined : html`<svg viewBox="0 0 3 30" preserveAspectRatio="none" aria-hidden="true"><rect class="lane-${laneOf(service)}" width="3" height="30" /></svg>`}${name}
    </td>
    <td class="what">
      <div class="happening">${rails(row.depth)}${happening(row)}</div>
      ${stackOf(row)}
    </td>
    <td class="mono mid right">${row.kind === 'span' ? tookOf(row) : undefined}</td>
    <td class="bar">${bar(row, length)}</td>
  </tr> `
}

function rails(depth: number): readonly Markup[] {
  return Array.from({ length: Math.min(depth, 40) }, () => html`<i class="rail"></i>`)
}

function happening(row: TreeRow): Markup {
  if (row.kind === 'gap') return html`<span class="between">${row.message}</span>`
  if (row.kind === 'span') return spanText(row)
  const { text, said } = messageWithError(messageWithoutStack(row), row.error, row.fields)
  const fields = shownFields(row.fields ?? {}, said)
  return html`${levelMark(row.level ?? 'INFO')} <span class="line">${text} ${notes(row)} ${fieldList(fields)}</span>`
}

function spanText(row: TreeRow): Markup {
  const outcome = row.component === 'cache' ? '' : rowOutcome(row)
  const error = rowError(row)
  const fields = Object.entries({ ...spanFields(row), cache_hit: undefined }).filter(([, value]) => value !== undefined)
  return html`<b class="name" title="${allFields(row)}">${rowTitle(row)}</b>
    ${outcome === '' ? undefined : status(outcome)} ${cacheBadge(row)} ${notes(row)}
    ${error === '' ? undefined : html`<span class="why">${error}</span>`} ${fieldList(fields)}`
}

function tookOf(row: TreeRow): string {
  if (row.unfinished === true || row.took_ms === undefined || row.took_ms === null) return 'running'
  return formatMillis(row.took_ms)
}

function cacheBadge({ fields }: TreeRow): Markup | undefined {
  const hit = fields?.['cache_hit']
  if (typeof hit !== 'boolean') return undefined
  return hit ? html`<span class="badge hit">hit</span>` : html`<span class="badge miss">miss</span>`
}

function notes(row: TreeRow): Markup {
  const words = [
    row.inferred === true && row.task === undefined ? inferredNote(row) : undefined,
    row.unfinished === true && row.task === undefined ? 'no end seen yet' : undefined,
    ...taskNotes(row),
    row.recovered === true ? 'recovered' : undefined,
  ].filter((word) => word !== undefined)
  return html`${words.map((word) => html`<span class="note">${word}</span> `)}`
}

/** A cache tells nothing itself; any other row without a span is one that should have had one. */
function inferredNote({ component }: TreeRow): string {
  return component === 'cache' ? 'as its caller saw it' : 'inferred: no span was received'
}

/** Whole: what the row has no room for. */
function allFields({ fields = {} }: TreeRow): string {
  return Object.entries(fields)
    .filter(([key]) => key !== 'error_stack')
    .map(([key, value]) => `${key}=${formatValue(value)}`)
    .join('\n')
}

/** Frames of the application stand out; those of packages and of Node are folded. */
function stackOf({ error }: TreeRow): Markup | undefined {
  const lines = (error?.stack ?? '').split('\n').map((line) => line.trim())
  const frames = lines.filter((line) => line.startsWith('at '))
  if (frames.length === 0) return undefined
  const own = frames.filter((frame) => !isForeign(frame))
  const shown = (own.length > 0 ? own : frames).slice(0, 4)
  return html`<div class="stack">
    ${shown.map((frame) => html`<div>${frame}</div>`)}${
      frames.length > shown.length
        ? html`<details>
            <summary>${frames.length - shown.length} more</summary>
            ${frames.map((frame) => html`<div>${frame}</div>`)}
          </details>`
        : undefined
    }
  </div>`
}

/** Of a package, or of Node itself. */
function isForeign(frame: string): boolean {
  return frame.includes('node_modules') || frame.includes('node:')
}

function bar(row: TreeRow, length: number): Markup {
  const x = ((row.at_ms / length) * BAR_UNITS).toFixed(1)
  const width = Math.max(3, ((row.took_ms ?? 0) / length) * BAR_UNITS).toFixed(1)
  const lane = laneOf(row.service ?? '')
  const shape =
    row.kind === 'span'
      ? html`<rect
          class="lane-${lane}${row.inferred === true ? ' faint' : ''}"
          x="${x}"
          y="6"
          width="${width}"
          height="12"
        />`
      : html`<rect
          class="tick ${(row.level ?? 'gap').toLowerCase()}"
          x="${x}"
          y="4"
          width="${row.kind === 'gap' ? width : 3}"
          height="${row.kind === 'gap' ? 2 : 16}"
        />`
  return html`<svg viewBox="0 0 ${BAR_UNITS} 24" preserveAspectRatio="none" aria-hidden="true">${shape}</svg>`
}
