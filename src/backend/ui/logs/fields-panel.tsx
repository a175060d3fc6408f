/**
 * The fields of one record, in a column of their own: a click filters by one, Alt and click excludes it.
 */
import type { JSX } from 'preact'

import type { LogRow } from '../../../model/api.ts'
import { rowId } from '../../../model/log-row.ts'
import { clockOf, formatValue } from '../format.ts'
import { laneClass } from '../lanes.ts'
import { addTerm } from '../question.ts'
import { termOf } from '../query-tokens.ts'
import { change, param } from '../state.ts'
import { patternTerm } from './line-keys.ts'

/** Said in the head of the panel. */
const SAID: ReadonlySet<string> = new Set([
  'timestamp',
  'message',
  'service',
  'level',
  'time_ns',
  'observed_ns',
  '_id',
  'error_stack',
])

export interface FieldsPanelProps {
  readonly row: LogRow
  readonly text: string
  readonly onClose: () => void
}

export function FieldsPanel({ row, text, onClose }: FieldsPanelProps): JSX.Element {
  const fields = Object.entries(row).filter(([name, value]) => !SAID.has(name) && value !== undefined)
  const stack = row['error_stack']
  return (
    <aside class="panel" aria-label="Fields of the line">
      <div class="panel-head">
        <span class={`lv ${row.level.toLowerCase()}`}>{row.level.slice(0, 1)}</span>
        <b>{text}</b>
        <button type="button" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </div>
      <p class="panel-where">
        <span class="svc">
          <i class={laneClass(row.service)} />
          <span>{row.service}</span>
        </span>
        <time>{`${clockOf(row.timestamp)} ${row.time_ns.slice(-6)}`}</time>
        {row.trace_id !== undefined && (
          <a href={`/traces/${row.trace_id}`} data-view>
            its request
          </a>
        )}
        <button type="button" class="link" onClick={() => change({ around: rowId(row) })}>
          lines around
        </button>
        <button type="button" class="link" onClick={() => addTerm(patternTerm(row))}>
          same pattern
        </button>
        <button type="button" class="link" onClick={() => addTerm(`-${patternTerm(row)}`)}>
          hide pattern
        </button>
      </p>
      <dl>
        {fields.map(([name, value]) => (
          <FieldRow key={name} name={name} value={formatValue(value)} />
        ))}
      </dl>
      {typeof stack === 'string' && (
        <pre class="panel-stack" tabIndex={0}>
          {stack}
        </pre>
      )}
      <p class="panel-hint">
        Click a value to filter by it, <kbd>Alt</kbd> click to exclude it.
      </p>
    </aside>
  )
}

function FieldRow({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  const columns = param('cols')
  return (
    <div>
      <dt>
        <button
          type="button"
          title="as a column"
          onClick={() => change({ cols: [columns, name].filter((part) => part !== '').join(',') })}
        >
          {name}
        </button>
      </dt>
      <dd>
        <button type="button" onClick={(event) => addTerm(`${event.altKey ? '-' : ''}${termOf(name, value)}`)}>
          {value}
        </button>
      </dd>
    </div>
  )
}
