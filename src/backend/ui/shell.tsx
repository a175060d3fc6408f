/**
 * What every view has around it: the head with views, query, time, live and help; chips of the query; what is wrong, if anything is.
 */
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'

import { isGone } from './api.ts'
import { matchPath } from './address.ts'
import { bytesBehind, watchLag } from './behind.ts'
import { Dialog } from './dialog.tsx'
import { addKeys, allKeys } from './keys.ts'
import { isListening } from './live.ts'
import { said } from './request/copy.ts'
import { QueryField } from './query-field.tsx'
import { termsOf } from './query-tokens.ts'
import { dropTerm, switchTerm, termsOff } from './question.ts'
import { addressOfView, change, openView, param, place, query } from './state.ts'
import { switchTheme } from './theme.ts'
import { problem, type View, wantsLive } from './view.ts'
import { VIEWS } from './views.ts'

const isHelpOpen = signal(false)

export function Shell(): JSX.Element {
  const { path } = place.value
  const found = VIEWS.map((view) => ({ view, id: matchPath(view.path, path) })).find(({ id }) => id !== undefined)
  useEffect(() => addKeys(SHELL_KEYS, true), [])
  useEffect(watchLag, [])
  useEffect(() => {
    document.title = `${found?.view.title ?? 'Not found'} – tracelog`
  }, [found?.view])
  const Shown = found?.view.component
  return (
    <>
      <Head shown={found?.view} />
      <Chips />
      {problem.value !== undefined && (
        <p class="problem" id="problem" role="alert">
          {problem.value.message}
        </p>
      )}
      {isGone.value && (
        <p class="problem gone" role="alert">
          The backend does not answer. What is shown stays; it is asked again until it does.
        </p>
      )}
      {!isGone.value && bytesBehind.value > 0 && (
        <p class="problem behind" role="status">
          {`The store is ${(bytesBehind.value / 1e6).toFixed(1)} MB behind: the newest are not in the lists yet.`}
        </p>
      )}
      <main>
        {Shown === undefined ? <p class="empty">There is no such page.</p> : <Shown key={path} id={found?.id ?? ''} />}
      </main>
      <p class="said" role="status">
        {said.value}
      </p>
      <Help />
    </>
  )
}

const NAMED = VIEWS.filter(({ name }) => name !== undefined)

const SHELL_KEYS = [
  ...NAMED.map(({ path, name, key }, index) => ({
    keys: [key ?? String(index + 1)],
    says: `view ${name}`,
    run: () => openView(path),
  })),
  { keys: ['R'], says: 'runs', run: () => openView('/runs') },
  { keys: ['L'], says: 'dark or light', run: switchTheme },
  {
    keys: ['?'],
    says: 'keys',
    run: () => {
      isHelpOpen.value = true
    },
  },
]

function Head({ shown }: { readonly shown: View | undefined }): JSX.Element {
  return (
    <header>
      <a class="brand" href="/" data-view aria-label="tracelog">
        <svg class="logo" viewBox="0 0 18 14" aria-hidden="true">
          <rect class="lane lane-0" width="18" height="3" rx="1.5" />
          <rect class="lane lane-1" x="4" y="5.5" width="14" height="3" rx="1.5" />
          <rect class="lane lane-2" x="8" y="11" width="6" height="3" rx="1.5" />
        </svg>
        <span class="brand-name">tracelog</span>
      </a>
      <nav aria-label="Views">
        {NAMED.map((view) => (
          <a
            key={view.path}
            href={addressOfView(view.path)}
            data-view
            aria-current={view === shown ? 'page' : undefined}
          >
            {view.name}
          </a>
        ))}
      </nav>
      <QueryField />
      <TimeMenu />
      <button
        type="button"
        class={`pill live${isListening.value && wantsLive.value ? ' on' : ''}`}
        aria-pressed={wantsLive.value}
        onClick={() => {
          wantsLive.value = !wantsLive.value
        }}
      >
        live
      </button>
      <button type="button" class="pill help" aria-label="Keys" onClick={() => (isHelpOpen.value = true)}>
        ?
      </button>
    </header>
  )
}

const AGES: Readonly<Record<string, string>> = {
  '': 'all time',
  '5m': 'last 5 min',
  '15m': 'last 15 min',
  '1h': 'last hour',
  '6h': 'last 6 hours',
  '1d': 'last day',
  '7d': 'last 7 days',
}

/** Its own view: times that have a name. */
const RUNS = '/runs'

function TimeMenu(): JSX.Element {
  const since = param('since')
  const until = param('until')
  const isRange = !(since in AGES) || until !== ''
  return (
    <select
      class="pill"
      aria-label="Time"
      value={isRange ? 'range' : since}
      onChange={(event) => {
        const { value } = event.currentTarget
        event.currentTarget.value = isRange ? 'range' : since
        if (value === RUNS) openView(RUNS)
        else change({ since: value, until: undefined })
      }}
    >
      {isRange && <option value="range">{`${clock(since)} to ${until === '' ? 'now' : clock(until)}`}</option>}
      {Object.entries(AGES).map(([age, words]) => (
        <option key={age} value={age}>
          {words}
        </option>
      ))}
      <option value={RUNS}>runs …</option>
    </select>
  )
}

function clock(time: string): string {
  return /^\d{4}-\d\d-\d\dT/.test(time) ? time.slice(11, 19) : time === '' ? 'the first' : time
}

/** One per term: a click switches it off and on again, `x` takes it away. */
function Chips(): JSX.Element | null {
  const chips = [
    ...termsOf(query.value).map((term) => ({ term, isOn: true })),
    ...termsOff().map((term) => ({ term, isOn: false })),
  ]
  if (chips.length === 0) return null
  return (
    <section class="chips" aria-label="Terms of the query">
      <ul>
        {chips.map(({ term, isOn }) => (
          <li key={term} class={isOn ? 'chip' : 'chip off'}>
            <button
              type="button"
              aria-pressed={isOn}
              title={isOn ? 'switch off' : 'switch on'}
              onClick={() => switchTerm(term)}
            >
              {term}
            </button>
            <button type="button" aria-label={`remove ${term}`} onClick={() => dropTerm(term)}>
              ×
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Help(): JSX.Element {
  return (
    <Dialog isOpen={isHelpOpen} label="Keys" name="keys">
      <dl>
        {allKeys().map(({ keys, says }) => (
          <div key={says}>
            <dt>
              <kbd>{KEY_NAMES[keys[0] ?? ''] ?? keys[0]}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
}
