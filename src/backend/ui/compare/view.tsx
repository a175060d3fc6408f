/**
 * Two requests side by side: what differs in one sentence, which two they are, and their rows, those as before folded.
 */
import { useSignalEffect } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'

import type { TraceHead, TreeDiff } from '../../../model/api.ts'
import { clockOf } from '../format.ts'
import { said } from '../request/copy.ts'
import { openAddress, param } from '../state.ts'
import type { View } from '../view.ts'
import { copyAddress, copyDiff } from './compare-keys.ts'
import { loadDiff } from './load.ts'
import { compareAddress } from './open-compare.ts'
import { useList } from './use-list.ts'

function Compare(): JSX.Element {
  const loaded = useMemo(loadDiff, [])
  const viewport = useRef<HTMLDivElement>(null)
  useSignalEffect(() => loaded.ask())
  useEffect(() => () => loaded.stop(), [loaded])
  useList(viewport, loaded.diff)
  if (loaded.diff.value === undefined) return <Missing why={loaded.problem.value} />
  return (
    <section class="story compare">
      <Head diff={loaded.diff.value} />
      <Grid viewport={viewport} />
      <p class="said" role="status">
        {said.value}
      </p>
    </section>
  )
}

function Grid({ viewport }: { readonly viewport: RefObject<HTMLDivElement | null> }): JSX.Element {
  return (
    <div class="story-grid">
      <div class="line titles" aria-hidden="true">
        <div class="change">change</div>
        <div class="svc">service</div>
        <div class="what">what happened</div>
        <div class="took">before ms</div>
        <div class="took">after ms</div>
        <div class="bar" />
      </div>
      <div
        class="list"
        ref={viewport}
        role="treegrid"
        aria-label="What differs, in order"
        aria-colcount={6}
        tabIndex={0}
      />
    </div>
  )
}

function Head({ diff }: { readonly diff: TreeDiff }): JSX.Element {
  const { a, b, sentence } = diff
  return (
    <div class="story-head">
      <div class="story-title">
        <h1>{sentence}</h1>
      </div>
      <dl class="sides">
        <Side name="before" trace={a} />
        <Side name="after" trace={b} />
      </dl>
      <div class="story-tools">
        <p class="legend">
          <i class="stretch before" aria-hidden="true" /> before <i class="stretch after" aria-hidden="true" /> after
        </p>
        <div class="tools" role="group" aria-label="This comparison">
          <button type="button" onClick={() => openAddress(compareAddress(a.trace_id, b.trace_id))}>
            the other way round
          </button>
          <button type="button" onClick={() => copyDiff(diff)}>
            copy text
          </button>
          <button type="button" onClick={() => copyAddress(diff)}>
            link
          </button>
          <a href={`/api/v1/diff?a=${a.trace_id}&b=${b.trace_id}`}>JSON</a>
        </div>
      </div>
    </div>
  )
}

function Side({ name, trace }: { readonly name: string; readonly trace: TraceHead }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <a href={`/traces/${trace.trace_id}`} data-view>
          {trace.trace_id.slice(0, 8)}
        </a>{' '}
        <time dateTime={trace.started_at}>{clockOf(trace.started_at)}</time> {trace.sentence}
      </dd>
    </div>
  )
}

function Missing({ why }: { readonly why: string }): JSX.Element {
  if (why === '') return <p class="empty" aria-busy="true" />
  const b = param('b')
  return (
    <div class="empty">
      <h1>There is nothing to compare.</h1>
      <p>{why}</p>
      <p>
        <a href="/" data-view>
          All requests
        </a>
        {b !== '' && ' · '}
        {b !== '' && (
          <a href={`/traces/${encodeURIComponent(b)}`} data-view>
            this request
          </a>
        )}
      </p>
    </div>
  )
}

export const compareView: View = { path: '/diff', title: 'Compare', component: Compare }
