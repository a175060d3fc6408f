/**
 * What a row shows beside its text: attributes under the flat line's keys, and the error if there is one.
 */
import type { AnyValue, Attributes } from '../model/any-value.ts'
import type { TreeRow } from '../model/api.ts'
import { causesOf, isCauseKey } from '../model/error-causes.ts'
import { FLAT_KEY_BY_ATTRIBUTE, keyOfAttribute } from '../model/flat-keys.ts'
import { flattenAttributes, textOf, toFlatValue, type FlatValue } from '../model/flat-value.ts'
import * as key from '../model/semconv.ts'
import type { TreeNode } from './node.ts'
import type { TraceLog } from './trace-data.ts'

type RowError = NonNullable<TreeRow['error']>

/** Said by the row itself, or of use to machines only. */
const HIDDEN: ReadonlySet<string> = new Set([
  key.ATTR_EXCEPTION_TYPE,
  key.ATTR_EXCEPTION_MESSAGE,
  key.ATTR_EXCEPTION_STACKTRACE,
  key.ATTR_COMPONENT,
  key.ATTR_BUFFERED,
  key.ATTR_SEQ,
  key.ATTR_PARENT_SPAN_ID,
  key.ATTR_TASK_GOAL,
  key.ATTR_TASK_PATH,
  key.ATTR_TASK_STATUS,
  key.ATTR_TASK_LAST,
  key.ATTR_TASK_UNSENT,
  key.ATTR_TASK_LATE,
  key.ATTR_TASK_ORPHAN,
  key.ATTR_RETURN_STREAM,
])

/** The record's attributes and its event's name. Undefined when there are none. */
export function logFields({ record }: TraceLog): TreeRow['fields'] {
  const fields = fieldsOf(record.attributes)
  if (record.eventName !== '') fields['event'] = record.eventName
  return Object.keys(fields).length === 0 ? undefined : fields
}

/** The completion record's attributes first (they are the hop's own account), then what else the span has. */
export function nodeFields({ completion, span, task }: TreeNode): TreeRow['fields'] {
  const fields = { ...fieldsOf(task?.start?.record.attributes ?? {}), ...fieldsOf(completion?.record.attributes ?? {}) }
  // How long it took is a column.
  if (task !== undefined) delete fields['elapsed_ms']
  for (const [name, value] of Object.entries(fieldsOf(span?.attributes ?? {}))) fields[name] ??= value
  return fields
}

export function logError({ record }: TraceLog): RowError | undefined {
  return errorOf(record.attributes)
}

/** From the completion record, else from the span's exception event, else from its error.type. */
export function nodeError({ completion, span }: TreeNode): RowError | undefined {
  const said = errorOf(completion?.record.attributes ?? {})
  if (said !== undefined) return said
  const event = span?.events.findLast(({ name }) => name === 'exception')
  const thrown = event === undefined ? undefined : errorOf(event.attributes)
  if (thrown !== undefined) return thrown
  const type = completion?.record.attributes[key.ATTR_ERROR_TYPE] ?? span?.attributes[key.ATTR_ERROR_TYPE]
  return typeof type === 'string' && type !== '' ? { type, message: span?.statusMessage ?? '' } : undefined
}

/** Also of an error that a record names by its causes alone. */
function causesIn(attributes: Attributes): readonly string[] {
  if (!Object.keys(attributes).some(isCauseKey)) return []
  return causesOf(Object.fromEntries(flattenAttributes(attributes)))
}

function errorOf(attributes: Attributes): RowError | undefined {
  const type = textOf(attributes[key.ATTR_EXCEPTION_TYPE])
  const message = textOf(attributes[key.ATTR_EXCEPTION_MESSAGE])
  const stack = textOf(attributes[key.ATTR_EXCEPTION_STACKTRACE])
  if (type === '' && message === '' && stack === '') return undefined
  const causes = causesIn(attributes)
  // A flat line without a stack names the class as error_type alone.
  return {
    type: type || textOf(attributes[key.ATTR_ERROR_TYPE]) || 'Error',
    message,
    ...(stack === '' ? {} : { stack }),
    ...(causes.length === 0 ? {} : { causes }),
  }
}

function fieldsOf(attributes: Attributes): Record<string, FlatValue> {
  const fields: Record<string, FlatValue> = {}
  const names = Object.keys(attributes)
  const isFlat = names.every((name) => attributes[name] !== undefined && typeof attributes[name] !== 'object')
  // Most records have nothing nested, and a trace has many.
  const leaves = isFlat
    ? names.map((name) => [name, toFlatValue(attributes[name] as AnyValue)] as const)
    : flattenAttributes(attributes)
  for (const [name, value] of leaves) {
    if (!HIDDEN.has(name)) put(fields, FLAT_KEY_BY_ATTRIBUTE.get(name) ?? keyOfAttribute(name), value)
  }
  return fields
}

/** `__proto__` is a key like any other. */
function put(fields: Record<string, FlatValue>, name: string, value: FlatValue): void {
  if (name !== '__proto__') fields[name] = value
  else Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true })
}
