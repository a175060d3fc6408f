/**
 * The views that readers see, in the database `live`.
 *
 * `log_rows`, `span_rows`: hot and cold rows as one table, for query/. A hot row counts until its roll is committed: `rolled`
 * changes in the same transaction that adds the cold rows, so a reader never sees a row twice or not at all.
 * `logs`, `spans`, `traces`: what a user's SQL names.
 */
import { FIXED_COLUMNS, RELATIVE_COLUMN } from './layout.ts'
import { quote, tableStem } from './schema.ts'
import type { Signal } from '../../model/signal.ts'
import type { AttributeColumn } from './store.ts'
import * as key from '../../model/semconv.ts'

/** Minutes since the epoch. */
const MINUTE_OF = '(t // 60000000000)::INTEGER'

/** `CREATE VIEW` of all rows of a signal. */
export function rowsView(signal: Signal, attributes: readonly AttributeColumn[]): string {
  const stem = tableStem(signal)
  const names = [...FIXED_COLUMNS[signal].map(({ name }) => name), ...attributes.map(({ column }) => column)]
  const relative = RELATIVE_COLUMN[signal]
  const hot = names.map((name) => (name === relative ? `${name} - t AS ${name}` : name)).join(', ')
  const unrolled = isUnrolled(signal)
  return `CREATE OR REPLACE VIEW live.${stem}_rows AS
    SELECT ${names.join(', ')} FROM store.${stem}_cold
    UNION ALL SELECT ${hot} FROM live.${stem}_hot_0 WHERE ${unrolled}
    UNION ALL SELECT ${hot} FROM live.${stem}_hot_1 WHERE ${unrolled}`
}

/**
 * `CREATE VIEW rolled`: as `store.rolled`; but who names it has the snapshot of memory before that of the file (reader-pool.ts).
 */
export const ROLLED_VIEW: string = 'CREATE OR REPLACE VIEW live.rolled AS SELECT * FROM store.rolled'

/** What moves a hot table's rows into the file: the same columns, with the relative one made relative. */
export function rollStatement(signal: Signal, attributes: readonly AttributeColumn[], hotTable: string): string {
  const names = [...FIXED_COLUMNS[signal].map(({ name }) => name), ...attributes.map(({ column }) => column)]
  const relative = RELATIVE_COLUMN[signal]
  const values = names.map((name) => (name === relative ? `${name} - t` : name)).join(', ')
  return `INSERT INTO store.${tableStem(signal)}_cold(${names.join(', ')}) SELECT ${values} FROM live.${hotTable}`
}

/** `CREATE VIEW logs`. */
export function logsView(attributes: readonly AttributeColumn[]): string {
  return `CREATE OR REPLACE VIEW live.logs AS SELECT
    l.t AS time_ns, l.t + l.seen AS observed_ns, l.sev AS severity_number, l.sev_text AS severity_text,
    r.service AS service, r.instance AS instance, s.name AS scope, l.event AS event,
    ${hexTrace('l.trace')} AS trace_id, ${hexSpan('l.span')} AS span_id, (l.bits & 255)::UTINYINT AS trace_flags, l.body AS body,
    ${named(attributes, key.ATTR_COMPONENT)} AS component, ${named(attributes, key.ATTR_HTTP_REQUEST_METHOD)} AS method,
    ${named(attributes, key.ATTR_URL_PATH)} AS path, ${named(attributes, key.ATTR_HTTP_ROUTE)} AS route,
    ${named(attributes, key.ATTR_HTTP_RESPONSE_STATUS_CODE)} AS status,
    ${named(attributes, key.ATTR_RESPONSE_TIME_MS)} AS response_time_ms, ${named(attributes, key.ATTR_CACHE_HIT)} AS cache_hit,
    ${attributesJson('l', attributes)} AS attributes, r.attributes::JSON AS resource
    FROM live.log_rows l LEFT JOIN live.resources r ON r.id = l.res LEFT JOIN live.scopes s ON s.id = l.scope`
}

/** `CREATE VIEW spans`. */
export function spansView(attributes: readonly AttributeColumn[]): string {
  return `CREATE OR REPLACE VIEW live.spans AS SELECT
    l.t AS start_ns, l.t + l.took AS end_ns, l.took / 1e6 AS duration_ms, r.service AS service, r.instance AS instance,
    s.name AS scope, ${hexTrace('l.trace')} AS trace_id, ${hexSpan('l.span')} AS span_id,
    ${hexSpan('l.parent')} AS parent_span_id,
    ${choose('l.kind', ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'])} AS kind, l.name AS name,
    ${choose('l.status', ['unset', 'ok', 'error'])} AS status_code, l.status_text AS status_message,
    ${attributesJson('l', attributes)} AS attributes, coalesce(l.events, '[]')::JSON AS events,
    coalesce(l.links, '[]')::JSON AS links, r.attributes::JSON AS resource
    FROM live.span_rows l LEFT JOIN live.resources r ON r.id = l.res LEFT JOIN live.scopes s ON s.id = l.scope`
}

/** `CREATE VIEW traces`: one row per trace id. `root_*`: its first SERVER or CONSUMER span, else its first span. */
export const TRACES_VIEW: string = `CREATE OR REPLACE VIEW live.traces AS
  WITH parts AS (
    SELECT trace, t AS first, t AS last, res, NULL AS name, 1 AS logs, 0 AS spans, (sev >= 17)::INTEGER AS errors, NULL AS rank
    FROM live.log_rows WHERE trace IS NOT NULL
    UNION ALL
    SELECT trace, t, t + took, res, name, 0, 1, (status = 2)::INTEGER,
      (CASE WHEN kind IN (2, 5) THEN 0 ELSE 1 END, t)
    FROM live.span_rows WHERE trace IS NOT NULL)
  SELECT ${hexTrace('trace')} AS trace_id, min(first) AS first_ns, max(last) AS last_ns,
    arg_min(r.service, rank) AS root_service, arg_min(parts.name, rank) AS root_name,
    list_sort(list_distinct(list(r.service))) AS services, sum(logs)::BIGINT AS logs, sum(spans)::BIGINT AS spans,
    sum(errors)::BIGINT AS errors
  FROM parts LEFT JOIN live.resources r ON r.id = parts.res GROUP BY trace`

/**
 * `CREATE VIEW trace_times`: from when to when a trace has rows, in several rows. The index has one per trace and roll. It takes
 * the end of spans: those that ended before they began (another clock) may have begun after it, and are few or none.
 * Memory comes first: see reader-pool.ts.
 */
export const TRACE_TIMES_VIEW: string = `CREATE OR REPLACE VIEW live.trace_times AS
  SELECT trace, t AS first, t AS last FROM live.log_hot_0 WHERE trace IS NOT NULL
  UNION ALL SELECT trace, t, t FROM live.log_hot_1 WHERE trace IS NOT NULL
  UNION ALL SELECT trace, t, greatest(t, took) FROM live.span_hot_0 WHERE trace IS NOT NULL
  UNION ALL SELECT trace, t, greatest(t, took) FROM live.span_hot_1 WHERE trace IS NOT NULL
  UNION ALL SELECT trace, first, last FROM store.trace_index
  UNION ALL SELECT trace, t, t FROM store.span_cold WHERE took < 0 AND trace IS NOT NULL`

/**
 * `CREATE VIEW log_minutes`: so many records of a service and severity in a minute since the epoch, in several rows. The file has them
 * of each roll. Memory comes first: see reader-pool.ts.
 */
export const LOG_MINUTES_VIEW: string = `CREATE OR REPLACE VIEW live.log_minutes AS
  ${[0, 1]
    .map(
      (i) => `SELECT ${MINUTE_OF} AS m, r.service AS service, l.sev AS sev, 1::UINTEGER AS c
        FROM live.log_hot_${i} l JOIN live.resources r ON r.id = l.res WHERE ${isUnrolled('logs')} UNION ALL`,
    )
    .join(' ')}
  SELECT m, s.name, sev, c FROM store.log_minute JOIN live.services s ON s.id = log_minute.service`

/** Counts the records of a table into `log_minute`. */
export function countMinutes(table: string): string {
  return `INSERT INTO store.log_minute SELECT ${MINUTE_OF} AS m, s.id, l.sev, count(*)
    FROM ${table} l JOIN live.resources r ON r.id = l.res JOIN live.services s ON s.name = r.service GROUP BY ALL`
}

/** A hot row counts until its roll is committed. */
function isUnrolled(signal: Signal): string {
  return `n >= (SELECT next_row FROM store.rolled WHERE signal = '${signal}')`
}

function hexTrace(column: string): string {
  return `replace(${column}::VARCHAR, '-', '')`
}

function hexSpan(column: string): string {
  return `CASE WHEN ${column} = 0 THEN NULL ELSE lower(lpad(hex(${column}), 16, '0')) END`
}

function choose(column: string, names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}][${column} + 1]`
}

function named(attributes: readonly AttributeColumn[], attribute: string): string {
  return attributes.some(({ key: name }) => name === attribute) ? attributeValue(attributes, attribute) : 'NULL'
}

/** An attribute of the rows `l`: of the type of its column, else text. */
export function attributeValue(attributes: readonly AttributeColumn[], attribute: string): string {
  const inRest = `(l.rest ->> ${quote(jsonPointer(attribute))})`
  const column = attributes.find((candidate) => candidate.key === attribute)
  if (column === undefined) return inRest
  if (!column.isMixed) return `l.${column.column}`
  return `coalesce(l.${column.column}, try_cast(${inRest} AS ${column.type}))`
}

/** All attributes as one JSON object: those with a column, then what is in `rest`, as text (no JSON is parsed). */
function attributesJson(alias: string, attributes: readonly AttributeColumn[]): string {
  const parts = attributes.map(
    ({ key: name, column }) => `${quote(`${JSON.stringify(name)}:`)} || to_json(${alias}.${column})::VARCHAR`,
  )
  const rest = `substr(${alias}.rest, 2, length(${alias}.rest) - 2)`
  return `('{' || concat_ws(',', ${[...parts, rest].join(', ')}) || '}')::JSON`
}

/** A key as a JSON pointer, so that dots and quotes in it mean nothing. */
export function jsonPointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
