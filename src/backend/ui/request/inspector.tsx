/**
 * Everything about one row, beside the grid: its fields (click = filter, with Alt = not), its stack, itself as JSON.
 */
import type { JSX } from 'preact'

import type { TreeRow } from '../../../model/api.ts'
import { ATTR_RETURN_SENT } from '../../../model/semconv.ts'
import { messageWithError, messageWithoutStack, rowError, rowTitle } from '../../../model/row-words.ts'
import { formatMillis, formatValue } from '../format.ts'
import { laneClass } from '../lanes.ts'
import { withTerm } from '../query-tokens.ts'
import { change, param, query } from '../state.ts'
import { copyValue } from './copy.ts'
import { fieldTerm } from './field-term.ts'
import { aroundAddress, patternAddress } from './line-address.ts'
import { RawOtlp } from './raw-otlp.tsx'
import { placeInSource } from './source-place.ts'

const TABS = ['fields', 'stack', 'json', 'otlp'] as const
type Tab = (typeof TABS)[number]
/** Frames are links to the editor up to here; the rest is text. */
const MAX_FRAMES = 2_000

export interface InspectorProps {
  readonly row: TreeRow
  readonly traceId: string
  readonly onClose: () => void
}

export function Inspector({ row, traceId, onClose }: InspectorProps): JSX.Element {
  const hasStack = row.error?.stack !== undefined
  const asked = param('insp')
  const shown: Tab = TABS.find((tab) => tab === asked && (tab !== 'stack' || hasStack)) ?? 'fields'
  return (
    <aside class="inspector" aria-label="The row">
      <div class="insp-head">
        <h2>{titleOf(row)}</h2>
        <button type="button" class="close" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </div>
      <p class="insp-sub">
        <i class={laneClass(row.service ?? '')} />
        {`${row.service ?? ''} · ${row.at_ms.toFixed(3)} ms`}
        {typeof row.took_ms === 'number' && ` · took ${formatMillis(row.took_ms)}`}
        {typeof row.self_ms === 'number' && `, ${formatMillis(row.self_ms)} of it itself`}
      </p>
      {row.fields?.[ATTR_RETURN_SENT] === true && (
        <p class="insp-sub">Sent to the caller, who asked for the lines of this call.</p>
      )}
      <LineLinks row={row} />
      <div class="tabs" role="tablist">
        {TABS.filter((tab) => tab !== 'stack' || hasStack).map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`tab-${tab}`}
            aria-selected={tab === shown}
            aria-controls="insp-body"
            onClick={() => change({ insp: tab }, { replaces: true })}
          >
            {TAB_WORDS[tab]}
          </button>
        ))}
      </div>
      <div id="insp-body" class="insp-body" role="tabpanel" aria-labelledby={`tab-${shown}`} tabIndex={0}>
        {shown === 'fields' && <Fields row={row} />}
        {shown === 'stack' && <Stack stack={row.error?.stack ?? ''} />}
        {shown === 'json' && <pre>{JSON.stringify(row, null, 2)}</pre>}
        {shown === 'otlp' && <RawOtlp traceId={traceId} row={row} />}
      </div>
    </aside>
  )
}

const TAB_WORDS: Readonly<Record<Tab, string>> = { fields: 'Fields', stack: 'Stack', json: 'JSON', otlp: 'OTLP' }

/** Of a line: those around it, and those that say the same. */
function LineLinks({ row }: { readonly row: TreeRow }): JSX.Element | null {
  if (row.kind !== 'log' || row.log_id === undefined) return null
  return (
    <p class="insp-links">
      <a data-view href={aroundAddress(row.log_id)}>
        lines around it
      </a>
      <a data-view href={patternAddress(row)}>
        same pattern
      </a>
    </p>
  )
}

function titleOf(row: TreeRow): string {
  if (row.kind === 'gap') return row.message ?? ''
  if (row.kind === 'log') return messageWithError(messageWithoutStack(row), row.error, row.fields).text
  return rowTitle(row)
}

function Fields({ row }: { readonly row: TreeRow }): JSX.Element {
  const fields = fieldsOf(row)
  return (
    <>
      {row.kind === 'span' && row.error !== undefined && <p class="why">{rowError(row)}</p>}
      <dl class="kv">
        {fields.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value name={name} value={value} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="insp-hint">A click on a value filters by it, with Alt it excludes it.</p>
    </>
  )
}

/** Its own fields first, then what the row says of itself. */
function fieldsOf(row: TreeRow): [string, unknown][] {
  const own = Object.entries(row.fields ?? {}).filter(([name]) => name !== 'error_stack')
  const said = [
    ['level', row.level],
    ['status', row.status],
    ['error_type', row.error?.type],
    ['error_message', row.error?.message],
    ['service', row.service],
    ['span_id', row.span_id],
    ['parent_span_id', row.parent_span_id],
  ] as const
  const known = new Set(own.map(([name]) => name))
  return [
    ...own,
    ...said
      .filter(([name, value]) => value !== undefined && !known.has(name))
      .map(([name, value]): [string, unknown] => [name, value]),
  ]
}

function Value({ name, value }: { readonly name: string; readonly value: unknown }): JSX.Element {
  const text = formatValue(value)
  const address = typeof value === 'string' && /^https?:\/\/\S+$/.test(value) ? value : undefined
  return (
    <>
      <button
        type="button"
        class="value"
        onClick={(event) => change({ q: withTerm(query.value, fieldTerm(name, value, event.altKey)) })}
      >
        {text}
      </button>
      {address !== undefined && (
        <a href={address} rel="noreferrer noopener" target="_blank" aria-label="Open the address">
          ↗
        </a>
      )}
      <button type="button" class="copy" aria-label={`Copy ${name}`} onClick={() => copyValue(text)}>
        copy
      </button>
    </>
  )
}

function Stack({ stack }: { readonly stack: string }): JSX.Element {
  return (
    <pre class="stack">
      {stack
        .split('\n')
        .slice(0, MAX_FRAMES)
        .map((line, i) => {
          const place = placeInSource(line.trim().replace(/^at /, ''))
          return (
            <div key={i} class={/node_modules|node:/.test(line) ? 'foreign' : ''}>
              {place === undefined ? line : <a href={place}>{line}</a>}
            </div>
          )
        })}
    </pre>
  )
}
