/**
 * Traces for tests in a few words: times are milliseconds since the start of the trace.
 */
import type { TraceTree } from '../../src/model/api.ts'
import type { TraceData, TraceLog, TraceSpan } from '../../src/tree/trace-data.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { SPAN_KIND, type SpanRecord } from '../../src/model/span-record.ts'

export const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const START = 1_790_000_000_000_000_000n
const at = (millis: number): bigint => START + BigInt(Math.round(millis * 1e6))
const id = (name: string): string => (name === '' ? '' : Buffer.from(name.padEnd(8, '_')).toString('hex').slice(0, 16))

export interface SpanWords {
  readonly id: string
  readonly parent?: string
  readonly service?: string
  readonly kind?: keyof typeof SPAN_KIND
  readonly from: number
  readonly to: number
  readonly attributes?: SpanRecord['attributes']
  readonly name?: string
  readonly failed?: boolean
  readonly host?: string
}
export function span({
  id: name,
  parent = '',
  service = 'web',
  kind = 'server',
  from,
  to,
  ...rest
}: SpanWords): TraceSpan {
  const record: SpanRecord = {
    traceId: TRACE,
    spanId: id(name),
    parentSpanId: id(parent),
    traceState: '',
    flags: 1,
    name: rest.name ?? name,
    kind: SPAN_KIND[kind],
    startTimeUnixNano: at(from),
    endTimeUnixNano: at(to),
    attributes: rest.attributes ?? {},
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: rest.failed === true ? 2 : 0,
    statusMessage: '',
  }
  return { service, instance: `${service}-1`, ...(rest.host === undefined ? {} : { host: rest.host }), span: record }
}

export interface LogWords {
  readonly span?: string
  readonly service?: string
  readonly at: number
  readonly body?: string
  readonly severity?: number
  readonly event?: string
  readonly attributes?: LogRecord['attributes']
}
let lastId = 0
export function log({ span: name = '', service = 'web', at: time, ...rest }: LogWords): TraceLog {
  lastId++
  const record: LogRecord = {
    timeUnixNano: at(time),
    observedTimeUnixNano: at(time),
    severityNumber: rest.severity ?? 9,
    severityText: '',
    eventName: rest.event ?? '',
    body: rest.body,
    attributes: { 'tracelog.seq': lastId, ...rest.attributes },
    traceId: TRACE,
    spanId: id(name),
    traceFlags: 1,
    droppedAttributesCount: 0,
  }
  return { service, instance: `${service}-1`, id: String(lastId), record, scope: { name: 'winston', version: '3' } }
}

export const trace = (...parts: readonly (TraceLog | TraceSpan)[]): TraceData => ({
  traceId: TRACE,
  logs: parts.filter((part): part is TraceLog => 'record' in part),
  spans: parts.filter((part): part is TraceSpan => 'span' in part),
})

/** The tree as text: one row a line, two blanks a level. */
export function drawn(tree: TraceTree | undefined): string[] {
  return (tree?.rows ?? []).map((row) => {
    const marks = [row.inferred && 'inferred', row.unfinished && 'unfinished', row.recovered && 'recovered'].filter(
      Boolean,
    )
    const text =
      row.kind === 'span' ? [row.name, row.status].filter((part) => part !== undefined).join(' ') : row.message
    const head = row.kind === 'log' ? `${row.level?.[0]} ` : ''
    const tail = marks.length === 0 ? '' : ` (${marks.join(', ')})`
    return `${'  '.repeat(row.depth)}${row.service}: ${head}${text}${tail}`
  })
}
