/**
 * `tracelog map`: who calls whom, how often, how fast, and how often it fails; who told nothing of itself is marked.
 */
import type { MapEdge, MapNode, ServiceMap } from '../model/api.ts'
import { rateText, secondsOf, shareText } from '../model/map-words.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, TIME_FLAGS, type Command, type Invocation } from './command.ts'
import { countQueryOf, tellCovered } from './count-flags.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { openSource } from './open-source.ts'
import { QUERY_GRAMMAR } from './query-grammar.ts'
import { renderTable } from './table.ts'

export const mapCommand: Command = {
  name: 'map',
  summary: 'Show who calls whom: how often, how fast, and how often it fails',
  operands: '[QUERY...]',
  operandCount: { min: 0, max: Number.POSITIVE_INFINITY },
  takesQuery: true,
  flags: { ...TIME_FLAGS, ...JSON_FLAG, ...SOURCE_FLAGS },
  details: `One line per service, then one per caller and whom it calls. "silent": a peer that sent nothing of its own, such as a
database; it is known from its callers. With a query: what happened in the traces of which something matches.
${QUERY_GRAMMAR}`,
  examples: [
    ['tracelog map --since 1h', 'the calls of the last hour'],
    ['tracelog map status:500', 'those of the traces that failed'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const { of: _, ...query } = countQueryOf(flags, operands.join(' '))
  const source = await openSource(invocation)
  const map = await source.map(query)
  if (flags.isSet('json')) writeJson(io.out, map)
  else for (const line of linesOf(map, invocation)) writeLine(io.out, line)
  tellCovered(io, 'map', map)
  return map.nodes.length === 0 ? EXIT.failed : EXIT.done
}

function linesOf(map: ServiceMap, { io }: Invocation): string[] {
  if (map.nodes.length === 0) return []
  const seconds = secondsOf(map)
  const options = { paint: createPaint(io.out.colourDepth), columns: io.out.columns }
  const table = (names: readonly string[], rows: readonly (readonly unknown[])[]): string[] =>
    renderTable({ columns: names.map((name) => ({ name, type: 'VARCHAR' })), rows, truncated: false }, options)
  return [
    ...table(
      NODE_COLUMNS,
      map.nodes.map((node) => nodeRow(node, seconds)),
    ),
    ...(map.edges.length === 0
      ? []
      : [
          '',
          ...table(
            EDGE_COLUMNS,
            map.edges.map((edge) => edgeRow(edge, seconds)),
          ),
        ]),
  ]
}

const NODE_COLUMNS = ['service', 'is a', 'requests', 'rate', 'failed', 'p95 ms', '']
const EDGE_COLUMNS = ['from', 'to', 'calls', 'rate', 'failed', 'p50 ms', 'p95 ms']

function nodeRow({ service, component, requests, errors, p95_ms: p95, inferred }: MapNode, seconds: number): unknown[] {
  const rate = requests === 0 ? '' : rateText(requests, seconds)
  return [service, component, requests, rate, shareText(errors, requests), rounded(p95), inferred ? 'silent' : '']
}

function edgeRow({ from, to, calls, errors, p50_ms: p50, p95_ms: p95 }: MapEdge, seconds: number): unknown[] {
  return [from, to, calls, rateText(calls, seconds), shareText(errors, calls), rounded(p50), rounded(p95)]
}

function rounded(millis: number | null): number | string {
  return millis === null ? '' : Number(millis.toFixed(1))
}
