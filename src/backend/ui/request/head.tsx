/**
 * The head of a request: one sentence, what was seen of it, where its time went, and what can be done with it.
 */
import type { JSX } from 'preact'

import type { Outcome, TraceTree } from '../../../model/api.ts'
import { compareAddress } from '../compare/open-compare.ts'
import { clockOf, formatValue } from '../format.ts'
import { laneClass } from '../lanes.ts'
import { clockMode, type Look, nextTimeMode, switchClocks, timeMode } from './look.ts'
import { copyLink, copyMarkdown, copyText } from './copy.ts'
import { headWords } from './head-words.ts'
import { Minimap } from './minimap.tsx'
import type { RequestModel } from './model.ts'

export interface HeadProps {
  readonly model: RequestModel
  readonly look: Look
  /** Id of the row that the reader is at. */
  readonly row: string
}

export function Head({ model, look, row }: HeadProps): JSX.Element {
  const { tree, shared } = model
  const { title, end, took, why, seen } = headWords(tree)
  return (
    <div class="story-head">
      <div class="story-title">
        <h1>
          <span class="title-text">{title}</span>
          {end !== '' && (
            <>
              <span class="arrow">→</span>
              <span class={`st s${HUNDREDS[tree.outcome]}`}>{end}</span>
              <span class="title-took">{took}</span>
            </>
          )}
        </h1>
        <span class="story-id">
          {`trace ${tree.trace_id.slice(0, 8)} · `}
          <time dateTime={tree.started_at}>{clockOf(tree.started_at)}</time>
        </span>
      </div>
      <p class="story-seen">
        {why !== '' && <b>{`${why} `}</b>}
        {seen.join(' ')}
      </p>
      {shared.size > 0 && (
        <ul class="shared" aria-label="The same in every line">
          {[...shared].slice(0, 8).map(([name, value]) => (
            <li key={name}>
              <i>{`${name}=`}</i>
              {formatValue(value)}
            </li>
          ))}
        </ul>
      )}
      <Minimap model={model} look={look} />
      <div class="story-tools">
        <Lanes model={model} look={look} />
        <Tools tree={tree} row={row} />
      </div>
    </div>
  )
}

const HUNDREDS: Readonly<Record<Outcome, string>> = {
  ok: '2',
  client_error: '4',
  error: '5',
  aborted: '4',
  running: 'run',
}
const TIME_WORDS = { rel: 'since begin', abs: 'clock', delta: 'since row before' } as const

function Tools({ tree, row }: { readonly tree: TraceTree; readonly row: string }): JSX.Element {
  return (
    <div class="tools" role="group" aria-label="This request">
      <button type="button" onClick={nextTimeMode}>{`time: ${TIME_WORDS[timeMode()]}`}</button>
      {tree.rows.some(({ ahead_ms: ahead }) => ahead !== undefined) && (
        <button
          type="button"
          aria-pressed={clockMode() === 'raw'}
          onClick={switchClocks}
        >{`clocks: ${clockMode()}`}</button>
      )}
      <button type="button" onClick={() => copyText(tree)}>
        copy text
      </button>
      <button type="button" onClick={() => copyMarkdown(tree)}>
        Markdown
      </button>
      <button type="button" onClick={() => copyLink(tree, row === '' ? undefined : row)}>
        link
      </button>
      <a class="compare-this" href={compareAddress(tree.trace_id)} data-view>
        compare
      </a>
      <a href={`/api/v1/traces/${tree.trace_id}`}>JSON</a>
      <a href={`/api/v1/traces/${tree.trace_id}?format=otlp`}>OTLP</a>
    </div>
  )
}

/** A chip per service: a click dims its rows, with Alt those of all others. */
function Lanes({ model, look }: Pick<HeadProps, 'model' | 'look'>): JSX.Element {
  const { services } = model.tree
  const { muted } = look
  const click = (service: string, isSolo: boolean): void => {
    const others = services.filter((other) => other !== service)
    const isSoloed = others.length > 0 && others.every((other) => muted.value.has(other)) && !muted.value.has(service)
    if (isSolo) muted.value = new Set(isSoloed ? [] : others)
    else
      muted.value = new Set(
        muted.value.has(service) ? [...muted.value].filter((one) => one !== service) : [...muted.value, service],
      )
  }
  return (
    <div class="lanes" role="group" aria-label="Services">
      {services.slice(0, 24).map((service) => (
        <button
          key={service}
          type="button"
          aria-pressed={!muted.value.has(service)}
          title="click: dim its rows; Alt and click: those of all others"
          onClick={(event) => click(service, event.altKey)}
        >
          <i class={laneClass(service)} />
          {service}
        </button>
      ))}
      {services.length > 24 && <span class="more">{`and ${services.length - 24} more`}</span>}
    </div>
  )
}
