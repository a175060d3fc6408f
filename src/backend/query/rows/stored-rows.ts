/**
 * Stored rows as records and spans again: reads columns and `rest` of `log_rows` and `span_rows`.
 *
 * Resources and scopes are read once and kept: their numbers never change their meaning.
 */
import type { AnyValue, Attributes } from '../../../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../../../model/log-record.ts'
import type { SpanEvent, SpanLink, SpanRecord } from '../../../model/span-record.ts'
import { sqlText, sqlTraceId } from './sql-text.ts'
import { parseJsonEntries, parseJsonText, type TypedEntries, type TypedValue } from '../../store/json-text.ts'
import { FIXED_COLUMNS, LOG_BITS, type FixedColumn } from '../../store/layout.ts'
import type { Signal } from '../../../model/signal.ts'
import type { AttributeColumn, SqlParameter, SqlValue, Store } from '../../store/store.ts'
import type { TimeRange } from '../time-range.ts'

/** Attributes with their OTLP types: what `format=otlp` writes. */
export interface StoredOrigin {
  readonly resource: Attributes
  readonly resourceTyped: TypedEntries
  readonly service: string
  readonly scope: InstrumentationScope
  readonly scopeTyped: TypedEntries
}
export interface StoredLog {
  readonly row: bigint
  /** Time, or what stands in for it. Nanoseconds. */
  readonly time: bigint
  readonly observed: bigint
  readonly record: LogRecord
  readonly typed: TypedEntries
  readonly typedBody: TypedValue | undefined
  readonly origin: StoredOrigin
}
export interface StoredSpan {
  readonly row: bigint
  readonly span: SpanRecord
  readonly typed: TypedEntries
  readonly typedEvents: readonly TypedEntries[]
  readonly typedLinks: readonly TypedEntries[]
  readonly origin: StoredOrigin
}

/** Where each of them stands in a row; attributes stand behind them. */
function places<Name extends string>(columns: readonly FixedColumn<Name>[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(columns.map(({ name }, i) => [name, i])) as Record<Name, number>
}
const LOG = places(FIXED_COLUMNS.logs)
const SPAN = places(FIXED_COLUMNS.spans)

interface Where {
  readonly sql: string
  readonly parameters?: readonly SqlParameter[]
  /** Of which time all of them are. */
  readonly range?: TimeRange
  /** QUALIFY, ORDER BY, LIMIT. */
  readonly order?: string
  /** Of the attributes with a column of their own, read these alone; default: all. */
  readonly attributes?: ReadonlySet<string>
}

export class StoredRows {
  readonly #store: Store
  readonly #resources = new Map<number, Pick<StoredOrigin, 'resource' | 'resourceTyped' | 'service'>>()
  readonly #scopes = new Map<number, Pick<StoredOrigin, 'scope' | 'scopeTyped'>>()

  constructor(store: Store) {
    this.#store = store
  }

  async logs(where: Where): Promise<StoredLog[]> {
    const { rows, columns } = await this.#select('logs', where)
    await this.#learn(rows, LOG.res, LOG.scope)
    return rows.map((row) => this.#log(row, columns))
  }

  async spans(where: Where): Promise<StoredSpan[]> {
    const { rows, columns } = await this.#select('spans', where)
    await this.#learn(rows, SPAN.res, SPAN.scope)
    return rows.map((row) => this.#span(row, columns))
  }

  async #select(
    signal: Signal,
    { sql, parameters = [], range, order = '', attributes }: Where,
  ): Promise<{ rows: readonly (readonly SqlValue[])[]; columns: readonly AttributeColumn[] }> {
    const columns = this.#store.columns(signal).filter(({ key }) => attributes?.has(key) ?? true)
    const { rows } = await this.#store.readRows({
      signal,
      columns: [...FIXED_COLUMNS[signal].map(({ name }) => name), ...columns.map(({ column }) => column)],
      where: { sql, parameters },
      range,
      order,
    })
    return { rows, columns }
  }

  async #learn(rows: readonly (readonly SqlValue[])[], resourceAt: number, scopeAt: number): Promise<void> {
    const missing = (at: number, known: ReadonlyMap<number, unknown>): number[] => [
      ...new Set(rows.map((row) => Number(row[at])).filter((id) => !known.has(id))),
    ]
    const resources = missing(resourceAt, this.#resources)
    const scopes = missing(scopeAt, this.#scopes)
    if (resources.length > 0) {
      const found = await this.#store.read(
        `SELECT id, service, attributes FROM resources WHERE id IN (${resources.join(', ')})`,
      )
      for (const [id, service, json] of found.rows) {
        const resourceTyped = parseJsonEntries(sqlText(json))
        this.#resources.set(Number(id), {
          service: sqlText(service),
          resourceTyped,
          resource: toAttributes(resourceTyped),
        })
      }
    }
    if (scopes.length > 0) {
      const found = await this.#store.read(
        `SELECT id, name, version, attributes FROM scopes WHERE id IN (${scopes.join(', ')})`,
      )
      for (const [id, name, version, json] of found.rows) {
        const scopeTyped = parseJsonEntries(sqlText(json))
        const scope = { name: sqlText(name), version: sqlText(version), attributes: toAttributes(scopeTyped) }
        this.#scopes.set(Number(id), { scope, scopeTyped })
      }
    }
  }

  #origin(resource: SqlValue | undefined, scope: SqlValue | undefined): StoredOrigin {
    const ofResource = this.#resources.get(Number(resource)) ?? {
      resource: {},
      resourceTyped: [],
      service: 'unknown_service',
    }
    const ofScope = this.#scopes.get(Number(scope)) ?? { scope: { name: '', version: '' }, scopeTyped: [] }
    return { ...ofResource, ...ofScope }
  }

  #log(row: readonly SqlValue[], columns: readonly AttributeColumn[]): StoredLog {
    const typed = typedAttributes(row.slice(FIXED_COLUMNS.logs.length), columns, row[LOG.rest])
    const flags = Number(row[LOG.bits])
    const time = row[LOG.t] as bigint
    const observed = time + (row[LOG.seen] as bigint)
    const typedBody = bodyOf(row[LOG.body], (flags & LOG_BITS.bodyIsJson) !== 0)
    const record: LogRecord = {
      timeUnixNano: flags & LOG_BITS.timeAbsent ? 0n : time,
      observedTimeUnixNano: flags & LOG_BITS.observedAbsent && !(flags & LOG_BITS.timeAbsent) ? 0n : observed,
      severityNumber: Number(row[LOG.sev]),
      severityText: sqlText(row[LOG.sev_text]),
      eventName: sqlText(row[LOG.event]),
      body: typedBody === undefined ? undefined : toValue(typedBody),
      attributes: toAttributes(typed),
      traceId: sqlTraceId(row[LOG.trace]),
      spanId: spanText(row[LOG.span]),
      traceFlags: flags & 255,
      droppedAttributesCount: Number(row[LOG.dropped]),
    }
    const origin = this.#origin(row[LOG.res], row[LOG.scope])
    return { row: row[LOG.n] as bigint, time, observed, record, typed, typedBody, origin }
  }

  #span(row: readonly SqlValue[], columns: readonly AttributeColumn[]): StoredSpan {
    const typed = typedAttributes(row.slice(FIXED_COLUMNS.spans.length), columns, row[SPAN.rest])
    const typedEvents = listOf(row[SPAN.events])
    const typedLinks = listOf(row[SPAN.links])
    const record: SpanRecord = {
      traceId: sqlTraceId(row[SPAN.trace]),
      spanId: spanText(row[SPAN.span]),
      parentSpanId: spanText(row[SPAN.parent]),
      traceState: sqlText(row[SPAN.state]),
      flags: Number(row[SPAN.flags]),
      name: sqlText(row[SPAN.name]),
      kind: Number(row[SPAN.kind]),
      startTimeUnixNano: row[SPAN.t] as bigint,
      endTimeUnixNano: (row[SPAN.t] as bigint) + (row[SPAN.took] as bigint),
      attributes: toAttributes(typed),
      droppedAttributesCount: Number(row[SPAN.dropped]),
      events: typedEvents.map(toEvent),
      droppedEventsCount: Number(row[SPAN.dropped_events]),
      links: typedLinks.map(toLink),
      droppedLinksCount: Number(row[SPAN.dropped_links]),
      statusCode: Number(row[SPAN.status]),
      statusMessage: sqlText(row[SPAN.status_text]),
    }
    return {
      row: row[SPAN.n] as bigint,
      span: record,
      typed,
      typedEvents,
      typedLinks,
      origin: this.#origin(row[SPAN.res], row[SPAN.scope]),
    }
  }
}

function typedAttributes(
  values: readonly SqlValue[],
  columns: readonly AttributeColumn[],
  rest: SqlValue | undefined,
): TypedEntries {
  const entries: (readonly [string, TypedValue])[] = []
  columns.forEach(({ key, type }, i) => {
    const value = values[i]
    if (value === null || value === undefined) return
    if (type === 'BIGINT') entries.push([key, { type: 'int', value: value as bigint }])
    else if (type === 'DOUBLE') entries.push([key, { type: 'double', value: value as number }])
    else if (type === 'BOOLEAN') entries.push([key, { type: 'bool', value: value as boolean }])
    else entries.push([key, { type: 'string', value: sqlText(value) }])
  })
  return typeof rest === 'string' ? [...entries, ...parseJsonEntries(rest)] : entries
}

function bodyOf(body: SqlValue | undefined, isJson: boolean): TypedValue | undefined {
  if (typeof body !== 'string') return undefined
  return isJson ? parseJsonText(body) : { type: 'string', value: body }
}

function listOf(json: SqlValue | undefined): TypedEntries[] {
  if (typeof json !== 'string') return []
  const list = parseJsonText(json)
  return list.type === 'array' ? list.values.map((item) => (item.type === 'map' ? item.entries : [])) : []
}

/** Entries as a plain object; `__proto__` is a key like any other. */
export function toAttributes(entries: TypedEntries): Attributes {
  return Object.fromEntries(entries.map(([key, value]) => [key, toValue(value)]))
}

function toValue(value: TypedValue): AnyValue {
  switch (value.type) {
    case 'int':
      return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value
    case 'null':
      return null
    case 'array':
      return value.values.map(toValue)
    case 'map':
      return toAttributes(value.entries)
    default:
      return value.value
  }
}

function partsOf(entries: TypedEntries): (name: string) => TypedValue | undefined {
  const map = new Map(entries)
  return (name) => map.get(name)
}

function toEvent(entries: TypedEntries): SpanEvent {
  const part = partsOf(entries)
  return {
    timeUnixNano: intOf(part('t')),
    name: textOf(part('name')),
    attributes: attributesOf(part('attributes')),
    droppedAttributesCount: Number(intOf(part('dropped'))),
  }
}

function toLink(entries: TypedEntries): SpanLink {
  const part = partsOf(entries)
  return {
    traceId: textOf(part('trace')),
    spanId: textOf(part('span')),
    traceState: textOf(part('state')),
    traceFlags: Number(intOf(part('flags'))) & 255,
    attributes: attributesOf(part('attributes')),
    droppedAttributesCount: Number(intOf(part('dropped'))),
  }
}

function intOf(value: TypedValue | undefined): bigint {
  return value?.type === 'int' ? value.value : 0n
}
function textOf(value: TypedValue | undefined): string {
  return value?.type === 'string' ? value.value : ''
}
function attributesOf(value: TypedValue | undefined): Attributes {
  return value?.type === 'map' ? toAttributes(value.entries) : {}
}

function spanText(value: SqlValue | undefined): string {
  return typeof value === 'bigint' && value !== 0n ? value.toString(16).padStart(16, '0') : ''
}
