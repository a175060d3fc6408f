/**
 * Which key of a flat line is which attribute? The table of the flat line's specification, once, for both directions.
 */
import * as key from './semconv.ts'

/** Attributes with a place of their own in the line's order, after `message`. `error_type` has two sources: flat-line.ts. */
export const PLACED_KEYS: readonly (readonly [flat: string, attribute: string])[] = [
  ['method', key.ATTR_HTTP_REQUEST_METHOD],
  ['path', key.ATTR_URL_PATH],
  ['status', key.ATTR_HTTP_RESPONSE_STATUS_CODE],
  ['response_time_ms', key.ATTR_RESPONSE_TIME_MS],
  ['cache_hit', key.ATTR_CACHE_HIT],
  ['component', key.ATTR_COMPONENT],
]

/** After `event`. */
export const ERROR_KEYS: readonly (readonly [flat: string, attribute: string])[] = [
  ['error_type', key.ATTR_ERROR_TYPE],
  ['error_message', key.ATTR_EXCEPTION_MESSAGE],
  ['error_stack', key.ATTR_EXCEPTION_STACKTRACE],
]

/** After `logger`. */
export const RECORD_KEYS: readonly (readonly [flat: string, attribute: string])[] = [
  ['seq', key.ATTR_SEQ],
  ['buffered', key.ATTR_BUFFERED],
  ['task', key.ATTR_TASK_GOAL],
  ['task_path', key.ATTR_TASK_PATH],
  ['elapsed_ms', key.ATTR_ELAPSED_MS],
  ['upstream', key.ATTR_UPSTREAM],
]

/** Attributes with a short key and no place: they stand where the record has them. */
const SHORT_KEYS: readonly (readonly [flat: string, attribute: string])[] = [
  ['route', key.ATTR_HTTP_ROUTE],
  ['cache_name', key.ATTR_CACHE_NAME],
  ['cache_op', key.ATTR_CACHE_OP],
  ['cache_key', key.ATTR_CACHE_KEY],
  ['cache_reads', key.ATTR_CACHE_READS],
  ['cache_hits', key.ATTR_CACHE_HITS],
  ['cache_ms', key.ATTR_CACHE_MS],
  ['db_calls', key.ATTR_DB_CALLS],
  ['db_ms', key.ATTR_DB_MS],
  ['message_system', key.ATTR_MESSAGING_SYSTEM],
  ['destination', key.ATTR_MESSAGING_DESTINATION_NAME],
  ['queued_ms', key.ATTR_QUEUED_MS],
  ['attempt', key.ATTR_ATTEMPT],
  ['upstream_ms', key.ATTR_UPSTREAM_MS],
  ['upstream_tried', key.ATTR_UPSTREAM_TRIED],
  ['upstream_statuses', key.ATTR_UPSTREAM_STATUSES],
  ['lb_routing_ms', key.ATTR_LB_ROUTING_MS],
  ['lb_algorithm', key.ATTR_LB_ALGORITHM],
  ['lb_backend', key.ATTR_LB_BACKEND],
  ['lb_server', key.ATTR_LB_SERVER],
  ['lb_term_state', key.ATTR_LB_TERM_STATE],
  ['retries', key.ATTR_RETRIES],
  ['aborted', key.ATTR_ABORTED],
  ['truncated', key.ATTR_TRUNCATED],
  ['request_path', key.ATTR_REQUEST_PATH],
  ['parent_span_id', key.ATTR_PARENT_SPAN_ID],
]

const WITH_ATTRIBUTE = [...PLACED_KEYS, ...ERROR_KEYS, ...RECORD_KEYS, ...SHORT_KEYS]

/** Attribute -> its key in a flat line. */
export const FLAT_KEY_BY_ATTRIBUTE: ReadonlyMap<string, string> = new Map(
  WITH_ATTRIBUTE.map(([flat, attribute]) => [attribute, flat]),
)

/** Key of a flat line -> its attribute. */
export const ATTRIBUTE_BY_FLAT_KEY: ReadonlyMap<string, string> = new Map(WITH_ATTRIBUTE)

/** Resource attributes that a line shows by default, `service.name` apart. */
export const RESOURCE_KEYS: readonly string[] = [
  key.ATTR_SERVICE_NAMESPACE,
  key.ATTR_SERVICE_VERSION,
  key.ATTR_SERVICE_INSTANCE_ID,
  key.ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  key.ATTR_HOST_NAME,
]

/** Keys that mean a field of the record and not an attribute. */
export const FIELD_KEYS: ReadonlySet<string> = new Set([
  'timestamp',
  'time_ns',
  'trace_id',
  'span_id',
  'trace_flags',
  'service',
  'level',
  'severity_text',
  'message',
  'event',
  'logger',
  'dropped_attributes',
])

const RESERVED: ReadonlySet<string> = new Set([...FIELD_KEYS, ...ATTRIBUTE_BY_FLAT_KEY.keys(), ...RESOURCE_KEYS])

const PREFIX = 'attr.'

/** Whether an attribute of this name would be taken for something else when the line is read. */
function isTaken(name: string): boolean {
  let rest = name
  while (rest.startsWith(PREFIX)) rest = rest.slice(PREFIX.length)
  return RESERVED.has(rest)
}

/** The key under which an attribute without a short key is written: its own, with `attr.` before it on a collision. */
export function keyOfAttribute(name: string): string {
  return isTaken(name) ? PREFIX + name : name
}

/** The other way: the attribute that a key which is not reserved stands for. */
export function attributeOfKey(flatKey: string): string {
  if (!flatKey.startsWith(PREFIX)) return flatKey
  const rest = flatKey.slice(PREFIX.length)
  return isTaken(rest) ? rest : flatKey
}
