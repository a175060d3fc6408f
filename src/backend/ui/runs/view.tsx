/**
 * Runs: what was started when, of which code, and what came of it. One is asked for as a term of the query; two are compared.
 */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'

import type { RunRow } from '../../../model/api.ts'
import { addKeys } from '../keys.ts'
import { change, openAddress, param } from '../state.ts'
import { clearSaid, counted, type View } from '../view.ts'
import { RunComparison } from './comparison.tsx'
import { loadRuns } from './load.ts'

/** Characters of an id that tell runs apart. */
const SHOWN_ID = 8

function Runs(): JSX.Element {
  const loaded = useMemo(loadRuns, [])
  const marked = useSignal<readonly string[]>([])
  const body = useRef<HTMLTableSectionElement>(null)
  useSignalEffect(() => loaded.ask())
  useSignalEffect(() => {
    const { value: runs } = loaded.runs
    if (runs !== undefined) counted.value = `${runs.length.toLocaleString('en')} runs`
  })
  const mark = (id: string): void => {
    const known = marked.peek()
    marked.value = known.includes(id) ? known.filter((one) => one !== id) : [...known, id].slice(-2)
  }
  const compareOf = (current: string | undefined): void => compare(loaded.runs.peek() ?? [], marked.peek(), current)
  useKeys(body, { mark, compareOf })
  useEffect(
    () => () => {
      loaded.stop()
      clearSaid()
    },
    [loaded],
  )
  const rows = useComputed(() => loaded.runs.value ?? [])
  if (loaded.runs.value === undefined) return <p class="empty" aria-busy="true" />
  if (rows.value.length === 0) return <NoRuns />
  return (
    <section class="runs">
      <h1 class="sr">Runs</h1>
      {param('a') !== '' && param('b') !== '' && <RunComparison a={param('a')} b={param('b')} />}
      <table>
        <Columns />
        <tbody ref={body}>
          {rows.value.map((run) => (
            <Row key={run.id} run={run} isMarked={marked.value.includes(run.id)} onMark={mark} />
          ))}
        </tbody>
      </table>
      <p class="runs-tools">
        <button type="button" class="pill" onClick={() => compareOf(rows.peek()[0]?.id)}>
          {marked.value.length === 2 ? 'compare the two' : 'compare the last two'}
        </button>
      </p>
    </section>
  )
}

interface Acts {
  readonly mark: (id: string) => void
  readonly compareOf: (current: string | undefined) => void
}

function useKeys(body: RefObject<HTMLElement | null>, { mark, compareOf }: Acts): void {
  useEffect(() => {
    const move = (by: number) => (): void => {
      const links = [...(body.current?.querySelectorAll<HTMLAnchorElement>('a.run') ?? [])]
      const at = links.findIndex((link) => link === document.activeElement)
      links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus()
    }
    return addKeys([
      { keys: ['j', 'ArrowDown'], says: 'next run', run: move(1) },
      { keys: ['k', 'ArrowUp'], says: 'run before', run: move(-1) },
      { keys: ['x'], says: 'mark, to compare two', run: () => withCurrent(body.current, mark) },
      {
        keys: ['D'],
        says: 'compare the two that are marked, or this one with the one before',
        run: () => compareOf(currentRun(body.current)),
      },
      { keys: ['Escape'], says: 'close the comparison', run: () => change({ a: undefined, b: undefined }) },
    ])
  }, [])
}

function Columns(): JSX.Element {
  return (
    <thead>
      <tr>
        <th scope="col">compare</th>
        <th scope="col">run</th>
        <th scope="col">began</th>
        <th scope="col" class="wide">
          code
        </th>
        <th scope="col" class="wide">
          services
        </th>
        <th scope="col" class="right">
          requests
        </th>
        <th scope="col" class="right">
          errors
        </th>
      </tr>
    </thead>
  )
}

interface RowProps {
  readonly run: RunRow
  readonly isMarked: boolean
  readonly onMark: (id: string) => void
}

function Row({ run, isMarked, onMark }: RowProps): JSX.Element {
  const { id, name, revision, dirty, services, started_at: began, requests, errors } = run
  return (
    <tr class={isMarked ? 'marked' : undefined}>
      <td>
        <button
          type="button"
          class="mark-run"
          aria-pressed={isMarked}
          aria-label={`compare ${name} ${id.slice(0, SHOWN_ID)}`}
          onClick={() => onMark(id)}
        >
          {isMarked ? '✓' : '+'}
        </button>
      </td>
      <td>
        <a class="run" data-run={id} href={`/?${new URLSearchParams({ q: termOf(id) }).toString()}`} data-view>
          <b>{name}</b> <span>{id.slice(0, SHOWN_ID)}</span>
        </a>
      </td>
      <td>
        <time dateTime={began}>{`${began.slice(0, 10)} ${began.slice(11, 19)}`}</time>
      </td>
      <td class="wide">
        {revision === undefined ? '' : `${revision.slice(0, 7)}${dirty === true ? ' + changes' : ''}`}
      </td>
      <td class="wide">{services.join(', ')}</td>
      <td class="right">{requests.toLocaleString('en')}</td>
      <td class={errors > 0 ? 'right bad' : 'right'}>{errors.toLocaleString('en')}</td>
    </tr>
  )
}

function NoRuns(): JSX.Element {
  return (
    <div class="empty">
      <p>Nothing has run yet.</p>
      <pre>npx tracelog run --name NAME -- npm start</pre>
    </div>
  )
}

function termOf(id: string): string {
  return `run:${/^[\w-]+$/.test(id) ? id : `"${id.replaceAll(/["\\]/g, (found) => `\\${found}`)}"`}`
}

function currentRun(body: HTMLElement | null): string | undefined {
  const { activeElement } = document
  const row = activeElement !== null && body?.contains(activeElement) === true ? activeElement.closest('tr') : null
  return row?.querySelector<HTMLElement>('a.run')?.dataset['run']
}

function withCurrent(body: HTMLElement | null, run: (id: string) => void): void {
  const id = currentRun(body)
  if (id !== undefined) run(id)
}

/** The older one is the one that is compared with. */
function compare(runs: readonly RunRow[], marked: readonly string[], current: string | undefined): void {
  const at = (id: string | undefined): number => runs.findIndex((run) => run.id === id)
  const places = marked.length === 2 ? marked.map(at) : [Math.max(0, at(current)), Math.max(0, at(current)) + 1]
  const [newer, older] = places.toSorted((one, other) => one - other).map((place) => runs[place]?.id)
  if (newer === undefined || older === undefined) return
  openAddress(`/runs?${new URLSearchParams({ a: older, b: newer }).toString()}`)
}

export const runsView: View = { path: '/runs', title: 'Runs', component: Runs }
