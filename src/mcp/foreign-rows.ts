/**
 * Rows as they came -> rows as an agent may have them: secrets hidden again, long values without their middle.
 *
 * Whatever sent the records may not have hidden anything: the backend takes OTLP from everybody.
 */
import type { LogRow, RequestRow, RunDiff, RunRow, TraceTree, TreeDiff, TreeRow } from '../model/api.ts'
import { createTextRedactor } from '../model/secrets/redact-text.ts'
import { createSecretKeys } from '../model/secrets/secret-keys.ts'
import { isSecretValue, REDACTED } from '../model/secrets/secret-values.ts'
import type { AnyValue } from '../model/any-value.ts'
import { cutMiddle } from '../tree/text/cut-middle.ts'

type Fields = Readonly<Record<string, unknown>>

/** Source: spec, "Answers": longer ones are cut in the middle. Characters. */
const MAX_TEXT = 200
/** A stack is folded by who shows it; of its text so much is looked at. Characters. */
const MAX_STACK = 8_192
/** Objects within objects. */
const MAX_DEPTH = 6

const KEYS = createSecretKeys()
const hideInText = createTextRedactor({ keys: KEYS })

/** Keys of ours whose values are long on purpose, or never secrets. */
const OWN_KEYS: ReadonlySet<string> = new Set(['_id', 'time_ns', 'observed_ns', 'timestamp', 'trace_id', 'span_id'])

export function shortText(text: string): string {
  return cutMiddle(hideInText(text), MAX_TEXT)
}

/** Values that stand under such a key alone, without their record: none of them is shown. */
export function isSecretKey(key: string): boolean {
  return KEYS.kindOf(key) !== undefined
}

export function foreignLogRow(row: LogRow): LogRow {
  return safeFields(row) as LogRow
}

export function foreignRequest(row: RequestRow): RequestRow {
  const { error_message: message, path, services } = row
  return {
    ...row,
    services: services.map(shortText),
    ...(path === undefined ? {} : { path: shortText(path) }),
    ...(message === undefined ? {} : { error_message: shortText(message) }),
  }
}

export function foreignTree(tree: TraceTree): TraceTree {
  return { ...tree, sentence: shortText(tree.sentence), rows: tree.rows.map(foreignTreeRow) }
}

export function foreignDiff(diff: TreeDiff): TreeDiff {
  const { a, b, sentence, rows } = diff
  return {
    a: { ...a, sentence: shortText(a.sentence) },
    b: { ...b, sentence: shortText(b.sentence) },
    sentence: hideInText(sentence),
    rows: rows.map(({ a: first, b: second, ...row }) => ({
      ...row,
      ...(first === undefined ? {} : { a: foreignTreeRow(first) }),
      ...(second === undefined ? {} : { b: foreignTreeRow(second) }),
    })),
  }
}

export function foreignRunDiff(diff: RunDiff): RunDiff {
  const { a, b, sentence, patterns, routes, errors } = diff
  return {
    a: foreignRun(a),
    b: foreignRun(b),
    sentence: hideInText(sentence),
    patterns: patterns.map((row) => ({
      ...row,
      example: shortText(row.example),
      service: shortText(row.service),
      level: shortText(row.level),
    })),
    routes: routes.map((row) => ({ ...row, service: shortText(row.service), route: shortText(row.route) })),
    errors: errors.map((row) => ({
      ...row,
      type: shortText(row.type),
      message: shortText(row.message),
      services: row.services.map(shortText),
      routes: row.routes.map(shortText),
      ...(row.frame === undefined ? {} : { frame: shortText(row.frame) }),
    })),
  }
}

export function foreignRun(run: RunRow): RunRow {
  const { id, name, revision, services } = run
  return {
    ...run,
    id: shortText(id),
    name: shortText(name),
    services: services.map(shortText),
    ...(revision === undefined ? {} : { revision: shortText(revision) }),
  }
}

function foreignTreeRow(row: TreeRow): TreeRow {
  const { message, name, fields, error } = row
  return {
    ...row,
    ...(message === undefined ? {} : { message: shortText(message) }),
    ...(name === undefined ? {} : { name: shortText(name) }),
    ...(fields === undefined ? {} : { fields: safeFields(fields) }),
    ...(error === undefined ? {} : { error: safeError(error) }),
  }
}

function safeError(error: NonNullable<TreeRow['error']>): NonNullable<TreeRow['error']> {
  const { stack, causes } = error
  return {
    type: shortText(error.type),
    message: shortText(error.message),
    ...(stack === undefined ? {} : { stack: hideInText(stack.slice(0, MAX_STACK)) }),
    ...(causes === undefined ? {} : { causes: causes.map(shortText) }),
  }
}

function safeFields(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, safeValue(key, value, 0)]))
}

function safeValue(key: string, value: unknown, depth: number): unknown {
  if (OWN_KEYS.has(key)) return value
  const kind = KEYS.kindOf(key)
  if (kind !== undefined && isSecretValue(kind, value as AnyValue)) return REDACTED
  if (typeof value === 'string') return key === 'error_stack' ? hideInText(value.slice(0, MAX_STACK)) : shortText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '…'
  if (Array.isArray(value)) return value.map((one) => safeValue(key, one, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, safeValue(inner, one, depth + 1)]))
}
