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
import { LOG_BITS } from '../../store/layout.ts'
import type { Signal } from '../../../model/signal.ts'
import type { AttributeColumn, SqlParameter, SqlValue, Store } from '../../store/store.ts'

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

const LOG_COLUMNS = 'n, t, t + seen, bits, sev, sev_text, event, res, scope, trace, span, body, dropped, rest'
const SPAN_COLUMNS =
  'n, t, t + took, flags, kind, status, res, scope, trace, span, parent, name, status_text, state, events, links, dropped, dropped_events, dropped_links, rest'

interface Where {
  readonly sql: string
  readonly parameters?: readonly SqlParameter[]
}

export class StoredRows {
  readonly #store: Store
  readonly #resources = new Map<number, Pick<StoredOrigin, 'resource' | 'resourceTyped' | 'service'>>()
  readonly #scopes = new Map<number, Pick<StoredOrigin, 'scope' | 'scopeTyped'>>()

  constructor(store: Store) {
    this.#store = store
  }

  /** @param where  what follows WHERE, order and limit included */
  async logs(where: Where): Promise<StoredLog[]> {
    const { rows, columns } = await this.#select('logs', LOG_COLUMNS, where)
    await this.#learn(rows, 7, 8)
    return rows.map((row) => this.#log(row, columns))
  }

  async spans(where: Where): Promise<StoredSpan[]> {
    const { rows, columns } = await this.#select('spans', SPAN_COLUMNS, where)
    await this.#learn(rows, 6, 7)
    return rows.map((row) => this.#span(row, columns))
  }

  async #select(
    signal: Signal,
    fixed: string,
    { sql, parameters = [] }: Where,
  ): Promise<{ rows: readonly (readonly SqlValue[])[]; columns: readonly AttributeColumn[] }> {
    const columns = this.#store.columns(signal)
    const list = [fixed, ...columns.map(({ column }) => column)].join(', ')
    const table = signal === 'logs' ? 'log_rows' : 'span_rows'
    const { rows } = await this.#store.read(`SELECT ${list} FROM ${table} WHERE ${sql}`, parameters)
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
    const [n, time, observed, bits, severity, severityText, event, res, scope, trace, span, body, dropped, rest] = row
    const typed = typedAttributes(row.slice(14), columns, rest)
    const flags = Number(bits)
    const typedBody = bodyOf(body, (flags & LOG_BITS.bodyIsJson) !== 0)
    const record: LogRecord = {
      timeUnixNano: flags & LOG_BITS.timeAbsent ? 0n : (time as bigint),
      observedTimeUnixNano:
        flags & LOG_BITS.observedAbsent && !(flags & LOG_BITS.timeAbsent) ? 0n : (observed as bigint),
      severityNumber: Number(severity),
      severityText: sqlText(severityText),
      eventName: sqlText(event),
      body: typedBody === undefined ? undefined : toValue(typedBody),
      attributes: toAttributes(typed),
      traceId: sqlTraceId(trace),
      spanId: spanText(span),
      traceFlags: flags & 255,
      droppedAttributesCount: Number(dropped),
    }
    const origin = this.#origin(res, scope)
    return { row: n as bigint, time: time as bigint, observed: observed as bigint, record, typed, typedBody, origin }
  }

  #span(row: readonly SqlValue[], columns: readonly AttributeColumn[]): StoredSpan {
    const [n, start, end, flags, kind, status, res, scope, trace, span, parent, name, statusText, state] = row
    const [events, links, dropped, droppedEvents, droppedLinks, rest] = row.slice(14)
    const typed = typedAttributes(row.slice(20), columns, rest)
    const typedEvents = listOf(events)
    const typedLinks = listOf(links)
    const record: SpanRecord = {
      traceId: sqlTraceId(trace),
      spanId: spanText(span),
      parentSpanId: spanText(parent),
      traceState: sqlText(state),
      flags: Number(flags),
      name: sqlText(name),
      kind: Number(kind),
      startTimeUnixNano: start as bigint,
      endTimeUnixNano: end as bigint,
      attributes: toAttributes(typed),
      droppedAttributesCount: Number(dropped),
      events: typedEvents.map(toEvent),
      droppedEventsCount: Number(droppedEvents),
      links: typedLinks.map(toLink),
      droppedLinksCount: Number(droppedLinks),
      statusCode: Number(status),
      statusMessage: sqlText(statusText),
    }
    return { row: n as bigint, span: record, typed, typedEvents, typedLinks, origin: this.#origin(res, scope) }
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
