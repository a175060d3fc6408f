/**
 * Stored rows as records and spans again: reads columns and `rest` of the logs and spans.
 *
 * Resources and scopes are read once and kept: their numbers never change their meaning.
 */
import type { Attributes } from '../../../model/any-value.ts'
import type { InstrumentationScope, LogRecord } from '../../../model/log-record.ts'
import type { SpanRecord } from '../../../model/span-record.ts'
import { sqlText, sqlTraceId } from './sql-text.ts'
import { parseJsonEntries, type TypedEntries, type TypedValue } from '../../store/json-text.ts'
import { FIXED_COLUMNS, LOG_BITS, type LogColumn, type SpanColumn } from '../../store/layout.ts'
import type { Signal } from '../../../model/signal.ts'
import type { SqlParameter, SqlValue, Store } from '../../store/store.ts'
import { type ColumnValues, type RowBlock, valueAt } from '../../store/row-blocks.ts'
import type { TimeRange } from '../time-range.ts'
import {
  type AttributeSource,
  type AttributeValues,
  plainAttributes,
  plainBody,
  toAttributes,
  toEvent,
  toLink,
  typedAttributes,
  typedBody,
  typedList,
} from './row-attributes.ts'
import { SpanIds } from './span-ids.ts'

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
  /** Read when they are asked for. */
  readonly typed: TypedEntries
  readonly typedBody: TypedValue | undefined
  /** The same object for rows of one sender and scope. */
  readonly origin: StoredOrigin
}
export interface StoredSpan {
  readonly row: bigint
  readonly span: SpanRecord
  /** Read when they are asked for. */
  readonly typed: TypedEntries
  readonly typedEvents: readonly TypedEntries[]
  readonly typedLinks: readonly TypedEntries[]
  readonly origin: StoredOrigin
}

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

/** A block whose columns have names. */
interface NamedBlock<Name extends string> {
  readonly rows: number
  readonly fixed: Readonly<Record<Name, ColumnValues>>
  /** Without those that no row has. */
  readonly attributes: readonly AttributeValues[]
}

const UNKNOWN_RESOURCE = { resource: {}, resourceTyped: [], service: 'unknown_service' }
const UNKNOWN_SCOPE = { scope: { name: '', version: '' }, scopeTyped: [] }

export class StoredRows {
  readonly #store: Store
  readonly #resources = new Map<number, Pick<StoredOrigin, 'resource' | 'resourceTyped' | 'service'>>()
  readonly #scopes = new Map<number, Pick<StoredOrigin, 'scope' | 'scopeTyped'>>()
  readonly #origins = new Map<string, StoredOrigin>()

  constructor(store: Store) {
    this.#store = store
  }

  async logs(where: Where): Promise<StoredLog[]> {
    const blocks = await this.#select<LogColumn>('logs', where)
    await this.#learn(blocks)
    return blocks.flatMap((block) => this.#logs(block))
  }

  async spans(where: Where): Promise<StoredSpan[]> {
    const blocks = await this.#select<SpanColumn>('spans', where)
    await this.#learn(blocks)
    return blocks.flatMap((block) => this.#spans(block))
  }

  async #select<Name extends string>(
    signal: Signal,
    { sql, parameters = [], range, order = '', attributes }: Where,
  ): Promise<NamedBlock<Name>[]> {
    const columns = this.#store.columns(signal).filter(({ key }) => attributes?.has(key) ?? true)
    const fixed = FIXED_COLUMNS[signal].map(({ name }) => name)
    const blocks = await this.#store.readRows({
      signal,
      columns: [...fixed, ...columns.map(({ column }) => column)],
      where: { sql, parameters },
      range,
      order,
    })
    return blocks.map(({ rows, columns: values }: RowBlock) => ({
      rows,
      fixed: Object.fromEntries(fixed.map((name, i) => [name, values[i]])) as Record<Name, ColumnValues>,
      attributes: columns
        .map(({ key, type }, i) => ({ key, type, values: values[fixed.length + i] as ColumnValues }))
        .filter((column) => !isEmpty(column.values)),
    }))
  }

  async #learn(blocks: readonly NamedBlock<'res' | 'scope'>[]): Promise<void> {
    const missing = (name: 'res' | 'scope', known: ReadonlyMap<number, unknown>): number[] => {
      const ids = new Set<number>()
      for (const { rows, fixed } of blocks) {
        for (let row = 0; row < rows; row++) ids.add(Number(valueAt(fixed[name], row)))
      }
      return [...ids].filter((id) => !known.has(id))
    }
    const resources = missing('res', this.#resources)
    const scopes = missing('scope', this.#scopes)
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

  #origin(resource: number, scope: number): StoredOrigin {
    const name = `${resource} ${scope}`
    const known = this.#origins.get(name)
    if (known !== undefined) return known
    const ofResource = this.#resources.get(resource)
    const ofScope = this.#scopes.get(scope)
    const origin = { ...(ofResource ?? UNKNOWN_RESOURCE), ...(ofScope ?? UNKNOWN_SCOPE) }
    if (ofResource !== undefined && ofScope !== undefined) this.#origins.set(name, origin)
    return origin
  }

  #logs({ rows, fixed, attributes }: NamedBlock<LogColumn>): StoredLog[] {
    const ids = new SpanIds(fixed.span)
    return Array.from({ length: rows }, (_, row) => {
      const bits = valueAt(fixed.bits, row) as number
      const time = valueAt(fixed.t, row) as bigint
      const observed = time + (valueAt(fixed.seen, row) as bigint)
      const isJson = (bits & LOG_BITS.bodyIsJson) !== 0
      const body = valueAt(fixed.body, row)
      const source: AttributeSource = { columns: attributes, row, rest: valueAt(fixed.rest, row) }
      const record: LogRecord = {
        timeUnixNano: bits & LOG_BITS.timeAbsent ? 0n : time,
        observedTimeUnixNano: bits & LOG_BITS.observedAbsent && !(bits & LOG_BITS.timeAbsent) ? 0n : observed,
        severityNumber: valueAt(fixed.sev, row) as number,
        severityText: sqlText(valueAt(fixed.sev_text, row)),
        eventName: sqlText(valueAt(fixed.event, row)),
        body: plainBody(body, isJson),
        attributes: plainAttributes(source),
        traceId: sqlTraceId(valueAt(fixed.trace, row)),
        spanId: ids.at(row),
        traceFlags: bits & 255,
        droppedAttributesCount: valueAt(fixed.dropped, row) as number,
      }
      const origin = this.#origin(valueAt(fixed.res, row) as number, valueAt(fixed.scope, row) as number)
      const parts = { row: valueAt(fixed.n, row) as bigint, time, observed, record, origin }
      return new LogRow(parts, source, isJson ? body : undefined)
    })
  }

  #spans({ rows, fixed, attributes }: NamedBlock<SpanColumn>): StoredSpan[] {
    const [ids, parents] = [new SpanIds(fixed.span), new SpanIds(fixed.parent)]
    return Array.from({ length: rows }, (_, row) => {
      const time = valueAt(fixed.t, row) as bigint
      const source: AttributeSource = { columns: attributes, row, rest: valueAt(fixed.rest, row) }
      const typedEvents = typedList(valueAt(fixed.events, row))
      const typedLinks = typedList(valueAt(fixed.links, row))
      const span: SpanRecord = {
        traceId: sqlTraceId(valueAt(fixed.trace, row)),
        spanId: ids.at(row),
        parentSpanId: parents.at(row),
        traceState: sqlText(valueAt(fixed.state, row)),
        flags: valueAt(fixed.flags, row) as number,
        name: sqlText(valueAt(fixed.name, row)),
        kind: valueAt(fixed.kind, row) as number,
        startTimeUnixNano: time,
        endTimeUnixNano: time + (valueAt(fixed.took, row) as bigint),
        attributes: plainAttributes(source),
        droppedAttributesCount: valueAt(fixed.dropped, row) as number,
        events: typedEvents.map(toEvent),
        droppedEventsCount: valueAt(fixed.dropped_events, row) as number,
        links: typedLinks.map(toLink),
        droppedLinksCount: valueAt(fixed.dropped_links, row) as number,
        statusCode: valueAt(fixed.status, row) as number,
        statusMessage: sqlText(valueAt(fixed.status_text, row)),
      }
      const origin = this.#origin(valueAt(fixed.res, row) as number, valueAt(fixed.scope, row) as number)
      return new SpanRow({ row: valueAt(fixed.n, row) as bigint, span, origin, typedEvents, typedLinks }, source)
    })
  }
}

/** Whether no row has a value. */
function isEmpty(column: ColumnValues): boolean {
  return column.kind === 'same' && column.value === null
}

class LogRow implements StoredLog {
  readonly row: bigint
  readonly time: bigint
  readonly observed: bigint
  readonly record: LogRecord
  readonly origin: StoredOrigin
  readonly #source: AttributeSource
  readonly #json: SqlValue | undefined

  /** @param json  the body, where it is no text */
  constructor(parts: Omit<StoredLog, 'typed' | 'typedBody'>, source: AttributeSource, json: SqlValue | undefined) {
    this.row = parts.row
    this.time = parts.time
    this.observed = parts.observed
    this.record = parts.record
    this.origin = parts.origin
    this.#source = source
    this.#json = json
  }

  get typed(): TypedEntries {
    return typedAttributes(this.#source)
  }

  get typedBody(): TypedValue | undefined {
    return this.#json === undefined ? typedBody(this.record.body as SqlValue, false) : typedBody(this.#json, true)
  }
}

class SpanRow implements StoredSpan {
  readonly row: bigint
  readonly span: SpanRecord
  readonly typedEvents: readonly TypedEntries[]
  readonly typedLinks: readonly TypedEntries[]
  readonly origin: StoredOrigin
  readonly #source: AttributeSource

  constructor(parts: Omit<StoredSpan, 'typed'>, source: AttributeSource) {
    this.row = parts.row
    this.span = parts.span
    this.typedEvents = parts.typedEvents
    this.typedLinks = parts.typedLinks
    this.origin = parts.origin
    this.#source = source
  }

  get typed(): TypedEntries {
    return typedAttributes(this.#source)
  }
}
