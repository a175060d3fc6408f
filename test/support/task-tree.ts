/**
 * One tree of tasks, built twice by the test itself: from records alone (their paths) and from spans alone (their parents).
 */
import type { ReceivedLog, ReceivedSpan } from './receiver.ts'

const PATH = 'tracelog.task.path'

/** What is wrong with the paths of these records, if they are to be all of one tree; empty: nothing. */
export function faultsOfPaths(records: readonly Pick<ReceivedLog, 'record'>[]): string[] {
  const paths = records.map(({ record }) =>
    typeof record.attributes[PATH] === 'string' ? record.attributes[PATH] : 'none',
  )
  const twice = paths.filter((path, at) => paths.indexOf(path) !== at)
  const traces = new Set(records.map(({ record }) => record.traceId))
  return [
    ...(traces.size === 1 ? [] : [`${traces.size} traces`]),
    ...twice.map((path) => `twice: ${path}`),
    ...[...numbersByNode(paths)].flatMap(([node, numbers]) => gapsIn(node, numbers)),
  ]
}

/** Of each node the numbers that are seen: of its records, and of the nodes below it. */
function numbersByNode(paths: readonly string[]): Map<string, Set<number>> {
  const nodes = new Map<string, Set<number>>()
  for (const path of paths) {
    const numbers = path.split('/')
    numbers.forEach((number, depth) => {
      const node = numbers.slice(0, depth).join('/')
      const seen = nodes.get(node) ?? new Set()
      nodes.set(node, seen.add(Number(number)))
    })
  }
  return nodes
}

function gapsIn(node: string, numbers: ReadonlySet<number>): string[] {
  const last = Math.max(...numbers)
  const missing = Array.from({ length: last }, (_, at) => at + 1).filter((number) => !numbers.has(number))
  return missing.map((number) => `missing: ${node}/${number}`)
}

/** Each distinct path of names from the root down, with how often it is there; a span whose parent is not there is a root. */
export function waysDown(spans: readonly ReceivedSpan[]): Record<string, number> {
  const byId = new Map(spans.map(({ span }) => [span.spanId, span]))
  const wayTo = (spanId: string): string => {
    const span = byId.get(spanId)
    if (span === undefined) return ''
    const above = wayTo(span.parentSpanId)
    return above === '' ? span.name : `${above} > ${span.name}`
  }
  const ways = spans.map(({ span }) => wayTo(span.spanId)).toSorted()
  return Object.fromEntries(ways.map((way) => [way, ways.filter((other) => other === way).length]))
}
