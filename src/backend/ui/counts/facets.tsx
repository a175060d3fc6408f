/**
 * The values of some fields beside the list: a click chooses one, a second click another as well, Alt and click excludes it.
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'

import type { Facets, FacetValue } from '../../../model/api.ts'
import { laneClass } from '../lanes.ts'
import { change, query } from '../state.ts'
import { chosenValues, excludedValues, withoutValue, withRange, withValue } from './facet-terms.ts'
import { fieldName } from './facet-fields.ts'

/** Of each field, before all of them are asked for. */
const SHOWN = 8

export interface FacetListProps {
  readonly facets: Facets | undefined
  readonly fields: readonly string[]
  readonly onAdd: (field: string) => void
}

export function FacetList({ facets, fields, onAdd }: FacetListProps): JSX.Element {
  return (
    <aside class="facets" aria-label="Values">
      {fields.map((field) => (
        <Facet key={field} field={field} values={facets?.facets[field] ?? []} other={facets?.other[field] ?? 0} />
      ))}
      <form
        class="add-field"
        onSubmit={(event) => {
          event.preventDefault()
          const input = event.currentTarget.elements.namedItem('field')
          if (!(input instanceof HTMLInputElement) || input.value.trim() === '') return
          onAdd(input.value.trim())
          input.value = ''
        }}
      >
        <input name="field" aria-label="Add a field" placeholder="+ field" autocomplete="off" />
      </form>
    </aside>
  )
}

function Facet({
  field,
  values,
  other,
}: {
  readonly field: string
  readonly values: readonly FacetValue[]
  readonly other: number
}): JSX.Element | null {
  const isWhole = useSignal(false)
  const wanted = useSignal('')
  if (values.length === 0) return null
  const found = values.filter(({ value }) => value.toLowerCase().includes(wanted.value.toLowerCase()))
  const shown = isWhole.value ? found : found.slice(0, SHOWN)
  const most = Math.max(1, ...values.map(({ count }) => count))
  return (
    <section aria-label={fieldName(field)}>
      <h2>{fieldName(field)}</h2>
      {isWhole.value && (
        <input
          class="facet-filter"
          aria-label={`Find in ${fieldName(field)}`}
          placeholder="find"
          value={wanted.value}
          onInput={(event) => {
            wanted.value = event.currentTarget.value
          }}
        />
      )}
      <ul>
        {shown.map((value) => (
          <FacetRow key={value.value} field={field} value={value} share={value.count / most} />
        ))}
      </ul>
      {(values.length > SHOWN || other > 0) && (
        <button type="button" class="facet-more" onClick={() => (isWhole.value = !isWhole.value)}>
          {isWhole.value
            ? 'fewer'
            : `${Math.max(0, values.length - SHOWN)} more${other > 0 ? `, ${other.toLocaleString('en')} of others` : ''}`}
        </button>
      )}
    </section>
  )
}

function FacetRow({
  field,
  value: { value, count, from, to },
  share,
}: {
  readonly field: string
  readonly value: FacetValue
  readonly share: number
}): JSX.Element {
  const isRange = from !== undefined || to !== undefined
  const isChosen = chosenValues(query.value, field).includes(value)
  const isOut = excludedValues(query.value, field).includes(value)
  const apply = (isNot: boolean) => {
    const asked = query.peek()
    if (isRange) change({ q: withRange(asked, field, { from, to }) })
    else change({ q: isNot ? withoutValue(asked, field, value) : withValue(asked, field, value) })
  }
  return (
    <li>
      <button
        type="button"
        class={`facet${isChosen ? ' chosen' : ''}${isOut ? ' out' : ''}`}
        aria-pressed={isChosen}
        title={`${value}: click for only these, Alt and click for all but these`}
        onClick={(event) => apply(event.altKey)}
      >
        <i class={field === 'service' ? laneClass(value) : `mark ${markOf(field, value)}`} aria-hidden="true" />
        <span class="facet-value">{value}</span>
        <span class="facet-count">{count.toLocaleString('en')}</span>
        <svg class="facet-share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect width={Math.max(1, share * 100)} height="1" />
        </svg>
      </button>
    </li>
  )
}

/** Values that are bad news have their colour. */
function markOf(field: string, value: string): string {
  if (field === 'status') return value.startsWith('5') ? 'bad' : value.startsWith('4') ? 'doubtful' : ''
  if (field === 'level') return ['ERROR', 'FATAL'].includes(value) ? 'bad' : value === 'WARN' ? 'doubtful' : ''
  return field === 'error_type' ? 'bad' : ''
}
