/**
 * What differs between two runs: one sentence, errors that are new, routes that moved, kinds of messages that are new or gone.
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'

import type { RunDiff, RunPattern } from '../../../model/api.ts'
import { levelLetter } from '../../../tree/text/fields-text.ts'
import { textOfRunDiff } from '../../../tree/text/render-run-diff.ts'
import { ask, Refused } from '../api.ts'
import { copyAs, said } from '../request/copy.ts'
import { change } from '../state.ts'

export function RunComparison({ a, b }: { readonly a: string; readonly b: string }): JSX.Element {
  const diff = useSignal<RunDiff | undefined>(undefined)
  const problem = useSignal('')
  useEffect(() => {
    const stopper = new AbortController()
    diff.value = undefined
    ask('diff', { run_a: a, run_b: b }, stopper.signal).then(
      (answer) => {
        diff.value = answer as RunDiff
      },
      (error: unknown) => {
        if (error instanceof Refused) problem.value = error.message
      },
    )
    return () => stopper.abort()
  }, [a, b])
  const { value: known } = diff
  return (
    <div class="run-diff" aria-busy={known === undefined && problem.value === ''}>
      <h2>{known?.sentence ?? problem.value}</h2>
      {known !== undefined && <Parts diff={known} />}
      <p class="said" role="status">
        {said.value}
      </p>
    </div>
  )
}

function Parts({ diff }: { readonly diff: RunDiff }): JSX.Element {
  const { a, b, errors, routes, patterns } = diff
  return (
    <>
      <p class="sides-of-runs">{`${b.name} ${b.id.slice(0, 8)}, compared with ${a.name} ${a.id.slice(0, 8)}`}</p>
      <ul>
        {errors.map(({ key, type, message, frame, count }) => (
          <li key={key} class="bad">
            <b>new error</b> <span>{`${type}: ${message}`}</span> <i>{frame ?? ''}</i> <i>{`${count} x`}</i>
          </li>
        ))}
        {routes.map(({ change: moved, service, route, before_ms: before, after_ms: after }) => (
          <li key={`${service} ${route}`} class={moved === 'slower' ? 'warned' : 'good'}>
            <b>{moved}</b> <span>{`${service} ${route}`}</span> <i>{`${before.toFixed(1)} → ${after.toFixed(1)} ms`}</i>
          </li>
        ))}
        {patterns.map((row) => (
          <Pattern key={row.pattern} row={row} run={(row.change === 'added' ? b : a).id} />
        ))}
      </ul>
      <p class="runs-tools">
        <button type="button" class="pill" onClick={() => copyAs(textOfRunDiff(diff), 'as text')}>
          copy text
        </button>
        <button type="button" class="pill" onClick={() => change({ a: undefined, b: undefined })}>
          close
        </button>
      </p>
    </>
  )
}

function Pattern({ row, run }: { readonly row: RunPattern; readonly run: string }): JSX.Element {
  const q = `pattern:${row.pattern} run:"${run}"`
  return (
    <li>
      <b>{row.change === 'added' ? '+ new' : '- gone'}</b>{' '}
      <a href={`/logs?${new URLSearchParams({ q }).toString()}`} data-view>
        {`${levelLetter(row.level)} ${row.example}`}
      </a>{' '}
      <i>{row.service}</i> <i>{`${row.count} x`}</i>
    </li>
  )
}
