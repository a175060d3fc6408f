/**
 * Who calls whom: services as boxes, calls as arrows with rate, p95 and share of errors; hatched is who told nothing of itself. A click
 * filters. Below it the same as a table, for who reads rather than looks.
 */
import { type Signal, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'

import type { MapNode, ServiceMap } from '../../../model/api.ts'
import { rateText, secondsOf, shareText } from '../../../model/map-words.ts'
import { ask, Refused, takeFirst, timesBack } from '../api.ts'
import { formatMillis } from '../format.ts'
import { addKeys } from '../keys.ts'
import { laneClass } from '../lanes.ts'
import { addTerm, questionOf } from '../question.ts'
import { fieldTerm } from '../request/field-term.ts'
import { query } from '../state.ts'
import { clearSaid, counted, problem, showRefusal, type View, wantsLive } from '../view.ts'
import { type Drawn, layoutOf, NODE_HEIGHT, NODE_WIDTH, type Placed } from './layout.ts'
import { edgeWords, nodeTerm } from './words.ts'

/** Between two questions while the page is live. Milliseconds. */
const EACH = 5_000
const LONG_BUDGET = '10000'
/** More arrows than this have their figures in the table alone. */
const LABELLED = 40
const MAX_NAME = 22

function ServiceMapView(): JSX.Element {
  const map = useSignal<ServiceMap | undefined>(undefined)
  useSignalEffect(() => asking(map))
  useEffect(() => addKeys(KEYS), [])
  useEffect(() => clearSaid, [])
  const shown = map.value
  if (shown === undefined) return <section class="map" aria-busy="true" />
  if (shown.nodes.length === 0) {
    return (
      <section class="map">
        <p class="empty">{query.value === '' ? 'No calls were recorded in this time.' : 'Nothing matches.'}</p>
      </section>
    )
  }
  return (
    <section class="map">
      <h1 class="sr">Map</h1>
      <Drawing map={shown} />
      <Calls map={shown} />
    </section>
  )
}

/** Asks, and again every few seconds. Reads signals: anew whenever they change. @returns how to stop */
function asking(map: Signal<ServiceMap | undefined>): () => void {
  const { q = '', since = '', until = '' } = questionOf()
  void timesBack.value
  const stop = new AbortController()
  const take = (answer: ServiceMap): void => {
    const { nodes, complete, covered_from: from } = answer
    map.value = answer
    problem.value = undefined
    counted.value = `${nodes.length} services and peers${complete ? '' : ` since ${from.slice(11, 19)}`}`
  }
  const askFor = async (further: Readonly<Record<string, string>> = {}): Promise<ServiceMap> =>
    (await ask('map', { q, since, until, ...further }, stop.signal)) as ServiceMap
  /** What is not counted in the first answer's time is asked for once more. */
  const show = async (first: ServiceMap): Promise<void> => {
    take(first)
    if (!first.complete) take(await askFor({ budget_ms: LONG_BUDGET }))
  }
  const fetchMap = () => askFor().then(show).catch(showRefusal)
  const first = takeFirst()
  if (first instanceof Refused) showRefusal(first)
  else void (first === undefined ? fetchMap() : show(first.answer as ServiceMap).catch(showRefusal))
  const timer = setInterval(() => {
    if (wantsLive.peek() && !document.hidden) void fetchMap()
  }, EACH)
  return () => {
    clearInterval(timer)
    stop.abort()
  }
}

const KEYS = [
  { keys: ['j', 'ArrowRight', 'ArrowDown'], says: 'next service', run: () => focusNode(1) },
  { keys: ['k', 'ArrowLeft', 'ArrowUp'], says: 'service before', run: () => focusNode(-1) },
]

function focusNode(by: number): void {
  const nodes = [...document.querySelectorAll<SVGElement>('.map .node')]
  const at = nodes.indexOf(document.activeElement as unknown as SVGElement)
  const next = at < 0 ? (by > 0 ? 0 : nodes.length - 1) : (at + by + nodes.length) % nodes.length
  nodes[next]?.focus()
}

function Drawing({ map }: { readonly map: ServiceMap }): JSX.Element {
  const { nodes, edges, width, height } = layoutOf(map.nodes, map.edges)
  const seconds = secondsOf(map)
  return (
    <div class="drawing" tabIndex={0} role="region" aria-label="Who calls whom">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <defs>
          <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="hatch-ground" width="6" height="6" />
            <line class="hatch" y2="6" />
          </pattern>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="8"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            orient="auto"
            markerUnits="userSpaceOnUse"
          >
            <path class="arrow-head" d="M 0 0 L 8 4 L 0 8 z" />
          </marker>
        </defs>
        {edges.map((drawn) => (
          <Edge key={`${drawn.edge.from} ${drawn.edge.to}`} drawn={drawn} />
        ))}
        {edges.length <= LABELLED &&
          edges.map((drawn) => <Label key={`${drawn.edge.from} ${drawn.edge.to}`} drawn={drawn} seconds={seconds} />)}
        {nodes.map((placed) => (
          <Node key={placed.node.service} placed={placed} seconds={seconds} />
        ))}
      </svg>
    </div>
  )
}

function Edge({ drawn: { edge, path } }: { readonly drawn: Drawn }): JSX.Element {
  const thickness = Math.min(5, 1 + Math.log10(Math.max(1, edge.calls)))
  return (
    <path
      class={edge.errors > 0 ? 'edge failing' : 'edge'}
      d={path}
      stroke-width={thickness.toFixed(1)}
      marker-end="url(#arrow)"
    >
      <title>{edgeWords(edge, formatMillis)}</title>
    </path>
  )
}

function Label({ drawn: { edge, at }, seconds }: { readonly drawn: Drawn; readonly seconds: number }): JSX.Element {
  const share = shareText(edge.errors, edge.calls)
  return (
    <text class="edge-label" x={at[0]} y={at[1] - 4} text-anchor="middle" aria-hidden="true">
      {`${rateText(edge.calls, seconds)}${edge.p95_ms === null ? '' : ` · ${formatMillis(edge.p95_ms)}`}`}
      {share !== '' && <tspan class="share">{` · ${share}`}</tspan>}
    </text>
  )
}

function Node({ placed: { node, x, y }, seconds }: { readonly placed: Placed; readonly seconds: number }): JSX.Element {
  const { service, inferred } = node
  const filter = () => addTerm(termOf(node))
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    filter()
  }
  return (
    <g
      class={inferred ? 'node silent' : 'node'}
      transform={`translate(${x} ${y})`}
      role="button"
      // As SVG has it: names of its attributes are told apart by case.
      tabindex={0}
      aria-description={nodeWords(node)}
      onClick={filter}
      onKeyDown={onKey}
    >
      <rect class="box" width={NODE_WIDTH} height={NODE_HEIGHT} rx="8" fill={inferred ? 'url(#hatch)' : undefined} />
      {!inferred && <rect class={laneClass(service)} width="4" height={NODE_HEIGHT} rx="2" />}
      <text class="name" x="14" y="21">
        {service.length > MAX_NAME ? `${service.slice(0, MAX_NAME - 1)}…` : service}
      </text>
      <text class="figures" x="14" y="40">
        {figuresOf(node, seconds)}
        {node.errors > 0 && <tspan class="share">{` · ${shareText(node.errors, node.requests)}`}</tspan>}
      </text>
    </g>
  )
}

function termOf(node: MapNode): string {
  const { key, value } = nodeTerm(node)
  return fieldTerm(key, value, false)
}

function figuresOf({ requests, p95_ms: p95 }: MapNode, seconds: number): string {
  if (requests === 0) return 'calls only'
  return `${rateText(requests, seconds)}${p95 === null ? '' : ` · ${formatMillis(p95)}`}`
}

function nodeWords({ component, inferred }: MapNode): string {
  return `${component.replaceAll('_', ' ')}${inferred ? ', told nothing of itself' : ''}; filters by it`
}

function Calls({ map }: { readonly map: ServiceMap }): JSX.Element {
  const seconds = secondsOf(map)
  return (
    <table class="calls">
      <caption class="sr">Calls</caption>
      <thead>
        <tr>
          {['from', 'to', 'rate', 'calls', 'failed', 'p50', 'p95'].map((name, index) => (
            <th key={name} scope="col" class={index > 1 ? 'right' : ''}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {map.edges.map((edge) => (
          <tr key={`${edge.from} ${edge.to}`}>
            <td>{edge.from}</td>
            <td>{edge.to}</td>
            <td class="right">{rateText(edge.calls, seconds)}</td>
            <td class="right">{edge.calls.toLocaleString('en')}</td>
            <td class={edge.errors > 0 ? 'right share' : 'right'}>{shareText(edge.errors, edge.calls)}</td>
            <td class="right">{edge.p50_ms === null ? '' : formatMillis(edge.p50_ms)}</td>
            <td class="right">{edge.p95_ms === null ? '' : formatMillis(edge.p95_ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export const mapView: View = { path: '/map', name: 'Map', key: '6', title: 'Map', component: ServiceMapView }
