/**
 * "What differs": values that requests of a chosen time, or those that failed, have much more often than the others. A click filters.
 */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'

import type { Facets } from '../../../model/api.ts'
import { ask } from '../api.ts'
import { Dialog } from '../dialog.tsx'
import { questionOf } from '../question.ts'
import { change, query } from '../state.ts'
import { showRefusal } from '../view.ts'
import { type Difference, differences, totalOf } from './differences.ts'
import { fieldName, fieldsOf } from './facet-fields.ts'
import { withRange, withValue } from './facet-terms.ts'

const FAILED = 'status>=500'
/** Time that one question may take. Milliseconds. */
const BUDGET = '2000'
const SHOWN = 12

interface Found {
  readonly chosen: string
  readonly inside: number
  readonly outside: number
  readonly differences: readonly Difference[]
}

export function Differs({ isOpen }: { readonly isOpen: Signal<boolean> }): JSX.Element {
  const found = useSignal<Found | undefined>(undefined)
  useEffect(() => {
    if (!isOpen.value) return
    found.value = undefined
    compared().then((answer) => (found.value = answer), showRefusal)
  }, [isOpen.value])
  const { value: shown } = found
  return (
    <Dialog isOpen={isOpen} label="What differs" name="differs">
      {shown === undefined ? (
        <p aria-busy="true">counting …</p>
      ) : (
        <>
          <p>{`${shown.inside.toLocaleString('en')} ${shown.chosen} against ${shown.outside.toLocaleString('en')} others`}</p>
          {shown.differences.length === 0 && <p>No value is much more frequent among them.</p>}
          <ul>
            {shown.differences.slice(0, SHOWN).map((one) => (
              <Row key={`${one.field} ${one.value.value}`} one={one} onUse={() => (isOpen.value = false)} />
            ))}
          </ul>
        </>
      )}
    </Dialog>
  )
}

function Row({ one, onUse }: { readonly one: Difference; readonly onUse: () => void }): JSX.Element {
  const { field, value, inside, outside } = one
  const use = () => {
    onUse()
    const isRange = value.from !== undefined || value.to !== undefined
    change({ q: isRange ? withRange(query.peek(), field, value) : withValue(query.peek(), field, value.value) })
  }
  return (
    <li>
      <button type="button" onClick={use}>
        <span class="differs-value">
          <i>{fieldName(field)}</i> {value.value}
        </span>
        <Share share={inside} kind="inside" />
        <Share share={outside} kind="outside" />
      </button>
    </li>
  )
}

function Share({ share, kind }: { readonly share: number; readonly kind: string }): JSX.Element {
  return (
    <span class={`differs-share ${kind}`}>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect width={share * 100} height="8" />
      </svg>
      {`${Math.round(share * 100)} %`}
    </span>
  )
}

/** Of a range that was drawn against all other time; else what failed against the rest. */
async function compared(): Promise<Found> {
  const { q = '', since = '', until = '' } = questionOf()
  const fields = fieldsOf('requests').filter((field) => field !== 'status')
  const count = async (more: Readonly<Record<string, string>>) =>
    (await ask('facets', {
      of: 'requests',
      fields: fields.join(','),
      limit: '100',
      budget_ms: BUDGET,
      q,
      ...more,
    })) as Facets
  const isRange = until !== ''
  const [chosen, all] = await Promise.all([
    count(isRange ? { since, until } : { since, q: q === '' ? FAILED : `(${q}) ${FAILED}` }),
    count(isRange ? {} : { since }),
  ])
  const inside = totalOf(chosen, fields[0] ?? '')
  const outside = Math.max(0, totalOf(all, fields[0] ?? '') - inside)
  return { chosen: isRange ? 'of this time' : 'that failed', inside, outside, differences: differences(chosen, all) }
}
