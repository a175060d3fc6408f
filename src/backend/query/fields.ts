/**
 * Which keys can a query name, of what type are they, and which values have they mostly? For completion, and for who does not know
 * the data: of the newest records and spans alone.
 */
import type { FieldRow, Fields } from '../../model/api.ts'
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '../../model/semconv.ts'
import type { Signal } from '../../model/signal.ts'
import { formatTimestamp } from '../../model/time.ts'
import type { Expression } from '../../query-text/expression.ts'
import { parseQueryText } from '../../query-text/parse.ts'
import { subjectOf } from '../../query-text/terms.ts'
import type { AttributeColumn, SqlParameter, SqlValue, Store } from '../store/store.ts'
import { compileExpression } from './filters/compile.ts'
import { valueOf } from './filters/value.ts'
import { hintsOf } from './key-hints.ts'
import { newestRows, shownKey, tableOf } from './known-keys.ts'
import { sqlText } from './rows/sql-text.ts'

export interface FieldsRequest {
  /** Only of records and spans that match. */
  readonly q?: string
  /** What the keys begin with, in any case. */
  readonly prefix?: string
}

/** Values of a key. */
const VALUES = 10
/** Keys without a column, of each signal: who sends ids as keys has as many as records. */
const REST_KEYS = 500
/** Keys that are no attributes. */
const HEAD_KEYS: readonly string[] = ['level', 'service', 'instance', 'logger', 'event']

const TYPES: Readonly<Record<AttributeColumn['type'], FieldRow['type']>> = {
  VARCHAR: 'string',
  BIGINT: 'number',
  DOUBLE: 'number',
  BOOLEAN: 'boolean',
}
const JSON_TYPES: Readonly<Record<string, FieldRow['type']>> = {
  BIGINT: 'number',
  UBIGINT: 'number',
  DOUBLE: 'number',
  BOOLEAN: 'boolean',
  ARRAY: 'list',
  OBJECT: 'map',
}

/** @throws QuerySyntaxError */
export async function fields(store: Store, { q, prefix = '' }: FieldsRequest): Promise<Fields> {
  const expression = parseQueryText(q ?? '')
  const nowMillis = Date.now()
  const ask = async (signal: Signal): Promise<Looked> =>
    await fieldsOfSignal({ store, signal, expression, prefix, nowMillis })
  const [logs, spans, hints] = await Promise.all([ask('logs'), ask('spans'), hintsOf(store, expression)])
  const parts = [logs, spans]
  const from = parts.flatMap((part) => part.from ?? [])
  // What is before the newest of the two was looked at in one signal only.
  const coveredFrom = parts.flatMap((part) => (part.isWhole ? [] : (part.from ?? [])))
  const reached = coveredFrom.length > 0 ? coveredFrom : from
  return {
    fields: merged([...logs.fields, ...spans.fields]),
    complete: parts.every(({ isWhole }) => isWhole),
    covered_from: formatTimestamp(highestOr(reached, BigInt(nowMillis) * 1_000_000n, coveredFrom.length > 0)),
    ...hints,
  }
}

function highestOr(times: readonly bigint[], none: bigint, isHighest: boolean): bigint {
  const [first, ...others] = times
  if (first === undefined) return none
  return others.reduce((a, b) => (b > a === isHighest ? b : a), first)
}

interface Asked {
  readonly store: Store
  readonly signal: Signal
  readonly expression: Expression | undefined
  readonly prefix: string
  readonly nowMillis: number
}

interface Looked {
  readonly fields: readonly FieldRow[]
  /** Time of the oldest row that was looked at. */
  readonly from: bigint | undefined
  readonly isWhole: boolean
}

async function fieldsOfSignal(asked: Asked): Promise<Looked> {
  const { store, signal } = asked
  const first = await newestRows(store, signal)
  if (first === undefined) return { fields: [], from: undefined, isWhole: true }
  const [looked, columns, rest, senders] = await Promise.all([
    store.read(`SELECT min(t) FROM ${tableOf(signal)} WHERE n >= ${first}`),
    columnFields(asked, first),
    restFields(asked, first),
    resourceFields(asked, first),
  ])
  const from = looked.rows[0]?.[0]
  return {
    fields: [...columns, ...rest, ...senders],
    from: typeof from === 'bigint' ? from : undefined,
    isWhole: first <= 0n,
  }
}

interface Sample {
  readonly where: string
  readonly parameters: readonly SqlParameter[]
}

function sampleOf({ store, signal, expression, nowMillis }: Asked, first: bigint): Sample {
  const context = { signal, columns: store.columns(signal), nowMillis }
  const { sql, parameters } = compileExpression(expression, nowMillis).condition(context)
  return { where: `n >= ${first} AND ${sql}`, parameters }
}

/** Keys with a column, and those that are no attributes: all in one reading. */
async function columnFields(asked: Asked, first: bigint): Promise<FieldRow[]> {
  const { store, signal, prefix, nowMillis } = asked
  const columns = store.columns(signal)
  const keys = [
    ...HEAD_KEYS.map((key): [string, FieldRow['type']] => [key, 'string']),
    ...columns.map(({ key, type }): [string, FieldRow['type']] => [shownKey(key), TYPES[type]]),
  ].filter(([key]) => hasPrefix(key, prefix))
  if (keys.length === 0) return []
  const context = { signal, columns, nowMillis }
  const values = keys.map(([key], i) => `${valueOf(subjectOf(key), context)} AS v${i}`)
  const { where, parameters } = sampleOf(asked, first)
  const counts = keys.map((_, i) => `count(v${i}), approx_top_k(v${i}, ${VALUES})`)
  const { rows } = await store.read(
    `SELECT ${counts.join(', ')} FROM (SELECT ${values.join(', ')} FROM ${tableOf(signal)} WHERE ${where})`,
    parameters,
  )
  const [row = []] = rows
  return keys.map(([key, type], i) => fieldRow(key, type, row.slice(i * 2, i * 2 + 2)))
}

/** Keys without a column; what a column has in both places was counted there. */
async function restFields(asked: Asked, first: bigint): Promise<FieldRow[]> {
  const { store, signal, prefix } = asked
  const { where, parameters } = sampleOf(asked, first)
  const path = `'/' || replace(replace(key, '~', '~0'), '/', '~1')`
  const { rows } = await store.read(
    `SELECT key, mode(json_type(rest, ${path})), count(*) AS c, approx_top_k(rest ->> (${path}), ${VALUES}) FROM (
       SELECT rest, unnest(json_keys(rest)) AS key FROM ${tableOf(signal)} WHERE rest IS NOT NULL AND ${where})
     GROUP BY key ORDER BY c DESC, key LIMIT ${REST_KEYS}`,
    parameters,
  )
  const columns = new Set(store.columns(signal).map(({ key }) => key))
  return rows.flatMap(([attribute, type, count, values]) => {
    const key = shownKey(sqlText(attribute))
    return hasPrefix(key, prefix) && !columns.has(sqlText(attribute))
      ? [fieldRow(key, JSON_TYPES[sqlText(type)] ?? 'string', [count, values])]
      : []
  })
}

/** What senders say of themselves. */
async function resourceFields(asked: Asked, first: bigint): Promise<FieldRow[]> {
  const { store, signal, prefix } = asked
  const { where, parameters } = sampleOf(asked, first)
  const { rows } = await store.read(
    `SELECT key, sum(c)::BIGINT AS records, list_slice(list_sort(list(DISTINCT value)), 1, ${VALUES}) FROM (
       SELECT c, unnest(json_keys(attributes)) AS key, attributes ->> ('/' || replace(replace(unnest(json_keys(attributes)), '~', '~0'), '/', '~1')) AS value
       FROM (SELECT res, count(*) AS c FROM ${tableOf(signal)} WHERE ${where} GROUP BY res) JOIN resources ON id = res)
     GROUP BY key ORDER BY records DESC, key LIMIT ${REST_KEYS}`,
    parameters,
  )
  return rows.flatMap(([key, count, values]) => {
    const name = sqlText(key)
    const isShown = name !== ATTR_SERVICE_NAME && name !== ATTR_SERVICE_INSTANCE_ID && hasPrefix(name, prefix)
    return isShown ? [fieldRow(name, 'string', [count, values])] : []
  })
}

function hasPrefix(key: string, prefix: string): boolean {
  return key.toLowerCase().startsWith(prefix.toLowerCase())
}

function fieldRow(key: string, type: FieldRow['type'], [count, values]: readonly (SqlValue | undefined)[]): FieldRow {
  const list = Array.isArray(values) ? (values as readonly SqlValue[]) : []
  return {
    key,
    type,
    records: Number(count ?? 0),
    values: list.flatMap((value) => (value === null ? [] : [sqlText(value)])).slice(0, VALUES),
  }
}

/** A key that records and spans have is one; keys that nobody has are left out. */
function merged(rows: readonly FieldRow[]): FieldRow[] {
  const byKey = Map.groupBy(
    rows.filter(({ records }) => records > 0),
    ({ key }) => key,
  )
  return [...byKey.values()]
    .map((same) => {
      const [most] = same.toSorted((a, b) => b.records - a.records) as [FieldRow]
      const values = [...new Set([most, ...same].flatMap((row) => row.values))].slice(0, VALUES)
      return { ...most, records: same.reduce((sum, { records }) => sum + records, 0), values }
    })
    .toSorted((a, b) => b.records - a.records || (a.key < b.key ? -1 : 1))
}
