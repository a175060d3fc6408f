/** What was received, drawn: a trace per line of text, each span and record below its parent. For tests that compare whole traces. */
import type { Attributes } from '../../src/model/any-value.ts'
import { textOf } from '../../src/model/flat-value.ts'
import type { Receiver } from './receiver.ts'

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer']

/** By the path of the request that it begins with: `/say`. Records of the console stand as `- text`. */
export function drawnTraces({ receivedSpans, receivedLogs }: Receiver): Record<string, string> {
  const lines = (parent: string, traceId: string, indent: string): string[] =>
    receivedSpans
      .filter(({ span }) => span.traceId === traceId && span.parentSpanId === parent)
      .toSorted((a, b) => (a.span.startTimeUnixNano < b.span.startTimeUnixNano ? -1 : 1))
      .flatMap(({ span }) => [
        `${indent}${KINDS[span.kind]} ${span.name}${outcome(span.attributes, span.statusCode)}`,
        ...logs(span.spanId, `${indent}  `),
        ...lines(span.spanId, traceId, `${indent}  `),
      ])
  const logs = (spanId: string, indent: string): string[] =>
    receivedLogs
      .filter(({ record }) => record.spanId === spanId && record.eventName === '')
      // Batches may overtake each other.
      .toSorted((a, b) => Number(a.record.attributes['tracelog.seq']) - Number(b.record.attributes['tracelog.seq']))
      .map(({ record }) => `${indent}- ${textOf(record.body)}`)
  const roots = receivedSpans.filter(({ span }) => span.parentSpanId === '')
  return Object.fromEntries(
    roots.map(({ span }) => {
      const path = textOf(span.attributes['url.path']) || new URL(textOf(span.attributes['url.full'])).pathname
      return [path, lines('', span.traceId, '').join('\n')]
    }),
  )
}

function outcome(attributes: Attributes, statusCode: number): string {
  const code = attributes['rpc.grpc.status_code']
  const error = statusCode === 2 ? ' ERROR' : ''
  return `${code === undefined ? '' : ` ${textOf(code)}`}${error}${attributes['tracelog.aborted'] === true ? ' aborted' : ''}`
}
