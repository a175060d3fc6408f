/**
 * Which fields of a row does a person want beside its message, under which names, and in which order?
 *
 * The application's first, as it named them; then ours. Hidden are only keys that the flat line's table reserves for us, and what
 * a hop's completion record says by the semantic conventions: a field of the application is never hidden, whatever its name.
 */
import { ATTRIBUTE_BY_FLAT_KEY, attributeOfKey, RESOURCE_KEYS } from './flat-keys.ts'
import { ownKey } from './log-row.ts'
import * as key from './semconv.ts'

type Fields = Readonly<Record<string, unknown>>

/** Shown elsewhere on the line, or of no use to the eye. All of them are in JSON. */
const HIDDEN: ReadonlySet<string> = new Set([
  'timestamp',
  'time_ns',
  'trace_id',
  'span_id',
  'parent_span_id',
  'trace_flags',
  'service',
  'level',
  'severity_text',
  'message',
  'component',
  'event',
  'logger',
  'seq',
  'buffered',
  'task_path',
  'error_stack',
  'dropped_attributes',
  key.ATTR_EXCEPTION_TYPE,
  key.ATTR_LOG_RECORD_UID,
  ...RESOURCE_KEYS,
])

/** What describes the connection of a hop rather than what happened. Of the application's own records they are shown. */
const HIDDEN_OF_HOPS: ReadonlySet<string> = new Set([
  key.ATTR_URL_FULL,
  key.ATTR_URL_QUERY,
  key.ATTR_URL_SCHEME,
  key.ATTR_CLIENT_ADDRESS,
  'client.port',
  key.ATTR_SERVER_ADDRESS,
  key.ATTR_SERVER_PORT,
  key.ATTR_NETWORK_PEER_ADDRESS,
  key.ATTR_NETWORK_PEER_PORT,
  key.ATTR_NETWORK_PROTOCOL_NAME,
  key.ATTR_NETWORK_PROTOCOL_VERSION,
  'network.transport',
  key.ATTR_USER_AGENT_ORIGINAL,
  key.ATTR_RPC_SYSTEM,
  key.ATTR_RPC_GRPC_STATUS_CODE,
  key.ATTR_DB_SYSTEM_NAME,
  key.ATTR_DB_NAMESPACE,
  key.ATTR_DB_OPERATION_NAME,
])

/** The message says what is to be achieved. */
const HIDDEN_OF_STARTS: ReadonlySet<string> = new Set(['task'])

/** Ours without a short key. */
const OWN_PREFIX = 'tracelog.'

/**
 * @param said  keys whose values the line shows already
 * @returns names and values, the application's first
 */
export function shownFields(fields: Fields, said: ReadonlySet<string> = new Set()): [name: string, value: unknown][] {
  const hidden = isHop(fields)
    ? HIDDEN_OF_HOPS
    : fields['event'] === key.EVENT_TASK_START
      ? HIDDEN_OF_STARTS
      : undefined
  // A row of the API has these two; the fields of a tree's row are attributes alone.
  const isRow = Object.hasOwn(fields, 'timestamp')
  const ofRow = isRow ? [ownKey('_id', fields), ownKey('observed_ns', fields)] : []
  const names = Object.keys(fields).filter(
    (name) =>
      fields[name] !== undefined &&
      !said.has(name) &&
      !HIDDEN.has(name) &&
      hidden?.has(name) !== true &&
      !ofRow.includes(name) &&
      !name.startsWith(OWN_PREFIX),
  )
  const ours = names.filter((name) => ATTRIBUTE_BY_FLAT_KEY.has(name))
  const theirs = names.filter((name) => !ATTRIBUTE_BY_FLAT_KEY.has(name))
  return [...theirs, ...ours].map((name) => [ownName(name, fields), fields[name]])
}

/** Whether a row is a hop's own account of what it did: a completion record. */
export function isHop(fields: Fields): boolean {
  const { event } = fields
  return typeof event === 'string' && /^tracelog\.[\w.]+\.end$/.test(event)
}

/** A field of the application's that has the name of one of ours arrives as `attr.<name>`. */
function ownName(name: string, fields: Fields): string {
  const own = attributeOfKey(name)
  return Object.hasOwn(fields, own) ? name : own
}
