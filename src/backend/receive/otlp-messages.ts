/**
 * The messages of OTLP as tables, for readers that take any of them: what is each field called, and what does it hold?
 *
 * Serves transcode-json.ts (JSON -> protobuf) and check-request.ts (is it OTLP at all, is it within limits). Names and tags are
 * those of model/otlp-schema.ts; here stands what a tag does not say.
 */
import * as schema from '../../model/otlp-schema.ts'

/** `hex`: bytes that OTLP/JSON writes as hex digits (ids). `base64`: all other bytes. */
export type ScalarType = 'string' | 'fixed64' | 'fixed32' | 'double' | 'varint' | 'int64' | 'bool' | 'hex' | 'base64'

/** A message is named by a function, because AnyValue holds itself. */
type FieldType = ScalarType | (() => Message)

export interface Field {
  readonly tag: number
  readonly type: FieldType
  readonly isRepeated: boolean
}

/** What the limits count, and `around_records`: what records are inside of. */
type Role = 'any_value' | 'record' | 'around_records'

export interface NamedField {
  readonly name: string
  /** Of the name, ASCII. */
  readonly bytes: Uint8Array
  readonly field: Field
}

export interface Message {
  /** Names in lowerCamelCase; as bytes too, so that a key of JSON is found without making a string of it. */
  readonly named: readonly NamedField[]
  /** A list and not a Map: asked for every field of every record. Index = field number. */
  readonly byNumber: readonly (Field | undefined)[]
  readonly role: Role | undefined
  /** Field number of the attributes that are counted. */
  readonly attributesField: number | undefined
}

/** Every field of a message has its type here: a name in one table only is an error of types. */
function message<Name extends string>(
  tags: Readonly<Record<Name, number>>,
  types: Readonly<Record<NoInfer<Name>, FieldType | readonly [FieldType]>>,
  role?: Role,
): Message {
  const named: NamedField[] = []
  const byNumber: (Field | undefined)[] = Array.from({ length: 17 })
  for (const name in tags) {
    const declared: FieldType | readonly [FieldType] = types[name]
    const isRepeated = typeof declared === 'object'
    const field = { tag: tags[name], type: isRepeated ? declared[0] : declared, isRepeated }
    named.push({ name, bytes: Buffer.from(name), field })
    byNumber[schema.fieldNumberOf(field.tag)] = field
  }
  const attributes = named.find(({ name }) => name === 'attributes')?.field.tag
  const attributesField = attributes === undefined ? undefined : schema.fieldNumberOf(attributes)
  return { named, byNumber, role, attributesField }
}

const ANY_VALUE: Message = message(
  schema.ANY_VALUE,
  {
    stringValue: 'string',
    boolValue: 'bool',
    intValue: 'int64',
    doubleValue: 'double',
    arrayValue: () => ARRAY_VALUE,
    kvlistValue: () => KEY_VALUE_LIST,
    bytesValue: 'base64',
  },
  'any_value',
)
const KEY_VALUE: Message = message(schema.KEY_VALUE, { key: 'string', value: () => ANY_VALUE })
const ARRAY_VALUE: Message = message(schema.ARRAY_VALUE, { values: [() => ANY_VALUE] })
const KEY_VALUE_LIST: Message = message(schema.KEY_VALUE_LIST, { values: [() => KEY_VALUE] })

/** Each message that has them has these two. */
const ATTRIBUTES = { attributes: [() => KEY_VALUE], droppedAttributesCount: 'varint' } as const

const RESOURCE: Message = message(schema.RESOURCE, ATTRIBUTES)
const SCOPE: Message = message(schema.SCOPE, { name: 'string', version: 'string', ...ATTRIBUTES })

const LOG_RECORD: Message = message(
  schema.LOG_RECORD,
  {
    timeUnixNano: 'fixed64',
    severityNumber: 'varint',
    severityText: 'string',
    body: () => ANY_VALUE,
    ...ATTRIBUTES,
    flags: 'fixed32',
    traceId: 'hex',
    spanId: 'hex',
    observedTimeUnixNano: 'fixed64',
    eventName: 'string',
  },
  'record',
)

const SPAN_EVENT: Message = message(schema.SPAN_EVENT, { timeUnixNano: 'fixed64', name: 'string', ...ATTRIBUTES })
const SPAN_LINK: Message = message(schema.SPAN_LINK, {
  traceId: 'hex',
  spanId: 'hex',
  traceState: 'string',
  ...ATTRIBUTES,
  flags: 'fixed32',
})
const STATUS: Message = message(schema.STATUS, { message: 'string', code: 'varint' })
const SPAN: Message = message(
  schema.SPAN,
  {
    traceId: 'hex',
    spanId: 'hex',
    traceState: 'string',
    parentSpanId: 'hex',
    name: 'string',
    kind: 'varint',
    startTimeUnixNano: 'fixed64',
    endTimeUnixNano: 'fixed64',
    ...ATTRIBUTES,
    events: [() => SPAN_EVENT],
    droppedEventsCount: 'varint',
    links: [() => SPAN_LINK],
    droppedLinksCount: 'varint',
    status: () => STATUS,
    flags: 'fixed32',
  },
  'record',
)

/** The request of each signal: the same numbers under other names. */
export const REQUESTS: Readonly<Record<'logs' | 'spans', Message>> = {
  logs: request({ resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' }, LOG_RECORD),
  spans: request({ resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' }, SPAN),
}

function request(names: Readonly<Record<'resources' | 'scopes' | 'items', string>>, record: Message): Message {
  const { REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } = schema
  const scopeItems = message(
    { scope: SCOPE_ITEMS.scope, [names.items]: SCOPE_ITEMS.items, schemaUrl: SCOPE_ITEMS.schemaUrl },
    { scope: () => SCOPE, [names.items]: [() => record], schemaUrl: 'string' },
    'around_records',
  )
  const resourceItems = message(
    { resource: RESOURCE_ITEMS.resource, [names.scopes]: RESOURCE_ITEMS.scopes, schemaUrl: RESOURCE_ITEMS.schemaUrl },
    { resource: () => RESOURCE, [names.scopes]: [() => scopeItems], schemaUrl: 'string' },
    'around_records',
  )
  return message(
    { [names.resources]: REQUEST.resources },
    { [names.resources]: [() => resourceItems] },
    'around_records',
  )
}
