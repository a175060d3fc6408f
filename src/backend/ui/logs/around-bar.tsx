/**
 * Says that the list shows what is around one line, of whom, and how to come back; the query rests meanwhile.
 */
import type { JSX } from 'preact'

import { change, param } from '../state.ts'

const WHOSE: Readonly<Record<string, string>> = { all: 'of all', service: 'of its service', trace: 'of its request' }

export function AroundBar(): JSX.Element | null {
  if (param('around') === '') return null
  return (
    <div class="around">
      <span>Lines around one, as they arrived; the query rests.</span>
      <select
        class="pill"
        aria-label="Whose lines"
        value={param('same') || 'all'}
        onChange={(event) => change({ same: event.currentTarget.value })}
      >
        {Object.entries(WHOSE).map(([same, words]) => (
          <option key={same} value={same}>
            {words}
          </option>
        ))}
      </select>
      <button type="button" class="pill" onClick={leaveAround}>
        back to the query
      </button>
    </div>
  )
}

export function leaveAround(): void {
  change({ around: undefined, same: undefined })
}
