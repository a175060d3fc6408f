/**
 * The names of everything we write: attributes, events, components. Final: dashboards, rules and tests use them. A name comes
 * here with the code that uses it (test/model/semconv.test.ts).
 *
 * The first half is OpenTelemetry's semantic conventions (1.45, stable names), the second half is ours.
 */

// -- resource --
export const ATTR_SERVICE_NAME = 'service.name'
export const ATTR_SERVICE_NAMESPACE = 'service.namespace'
export const ATTR_SERVICE_VERSION = 'service.version'
export const ATTR_SERVICE_INSTANCE_ID = 'service.instance.id'
export const ATTR_DEPLOYMENT_ENVIRONMENT_NAME = 'deployment.environment.name'
export const ATTR_HOST_NAME = 'host.name'
export const ATTR_PROCESS_PID = 'process.pid'
export const ATTR_PROCESS_RUNTIME_NAME = 'process.runtime.name'
export const ATTR_PROCESS_RUNTIME_VERSION = 'process.runtime.version'
export const ATTR_TELEMETRY_SDK_NAME = 'telemetry.sdk.name'
export const ATTR_TELEMETRY_SDK_LANGUAGE = 'telemetry.sdk.language'
export const ATTR_TELEMETRY_SDK_VERSION = 'telemetry.sdk.version'
export const ATTR_TELEMETRY_DISTRO_NAME = 'telemetry.distro.name'
export const ATTR_TELEMETRY_DISTRO_VERSION = 'telemetry.distro.version'

// -- http, url, network --
export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method'
export const ATTR_HTTP_REQUEST_METHOD_ORIGINAL = 'http.request.method_original'
export const ATTR_HTTP_REQUEST_RESEND_COUNT = 'http.request.resend_count'
export const ATTR_HTTP_RESPONSE_BODY_SIZE = 'http.response.body.size'
export const ATTR_HTTP_RESPONSE_SIZE = 'http.response.size'
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code'
export const ATTR_HTTP_ROUTE = 'http.route'
export const ATTR_URL_FULL = 'url.full'
export const ATTR_URL_PATH = 'url.path'
export const ATTR_URL_QUERY = 'url.query'
export const ATTR_URL_SCHEME = 'url.scheme'
export const ATTR_CLIENT_ADDRESS = 'client.address'
export const ATTR_SERVER_ADDRESS = 'server.address'
export const ATTR_SERVER_PORT = 'server.port'
export const ATTR_NETWORK_PEER_ADDRESS = 'network.peer.address'
export const ATTR_NETWORK_PEER_PORT = 'network.peer.port'
export const ATTR_NETWORK_PROTOCOL_NAME = 'network.protocol.name'
export const ATTR_NETWORK_PROTOCOL_VERSION = 'network.protocol.version'
export const ATTR_USER_AGENT_ORIGINAL = 'user_agent.original'

// -- remote procedure calls --
export const ATTR_GRAPHQL_OPERATION_NAME = 'graphql.operation.name'
export const ATTR_GRAPHQL_OPERATION_TYPE = 'graphql.operation.type'
export const ATTR_RPC_SYSTEM = 'rpc.system'
export const ATTR_RPC_SERVICE = 'rpc.service'
export const ATTR_RPC_METHOD = 'rpc.method'
export const ATTR_RPC_GRPC_STATUS_CODE = 'rpc.grpc.status_code'

// -- databases and caches --
export const ATTR_DB_SYSTEM_NAME = 'db.system.name'
export const ATTR_DB_NAMESPACE = 'db.namespace'
export const ATTR_DB_OPERATION_NAME = 'db.operation.name'
export const ATTR_DB_COLLECTION_NAME = 'db.collection.name'
export const ATTR_DB_QUERY_TEXT = 'db.query.text'
export const ATTR_DB_QUERY_SUMMARY = 'db.query.summary'
export const ATTR_DB_RESPONSE_STATUS_CODE = 'db.response.status_code'

// -- messages --
export const ATTR_MESSAGING_SYSTEM = 'messaging.system'
export const ATTR_MESSAGING_DESTINATION_NAME = 'messaging.destination.name'
export const ATTR_MESSAGING_DESTINATION_PARTITION_ID = 'messaging.destination.partition.id'
export const ATTR_MESSAGING_OPERATION_NAME = 'messaging.operation.name'
export const ATTR_MESSAGING_OPERATION_TYPE = 'messaging.operation.type'
export const ATTR_MESSAGING_MESSAGE_ID = 'messaging.message.id'
export const ATTR_MESSAGING_CONSUMER_GROUP_NAME = 'messaging.consumer.group.name'
export const ATTR_MESSAGING_KAFKA_OFFSET = 'messaging.kafka.offset'
export const ATTR_MESSAGING_BATCH_MESSAGE_COUNT = 'messaging.batch.message_count'

// -- errors --
export const ATTR_ERROR_TYPE = 'error.type'
export const ATTR_CODE_FILE_PATH = 'code.file.path'
export const ATTR_CODE_LINE_NUMBER = 'code.line.number'
export const ATTR_CODE_FUNCTION_NAME = 'code.function.name'
export const ATTR_EXCEPTION_TYPE = 'exception.type'
export const ATTR_EXCEPTION_MESSAGE = 'exception.message'
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace'
export const ATTR_EXCEPTION_CAUSE = 'exception.cause'
export const ATTR_EXCEPTION_ERRORS = 'exception.errors'

// -- log records --
export const ATTR_LOG_IOSTREAM = 'log.iostream'
export const ATTR_EVENT_NAME = 'event.name'
export const ATTR_LOG_RECORD_UID = 'log.record.uid'

// -- ours: what kind of hop, how long, from where --
export const ATTR_COMPONENT = 'tracelog.component'
export const ATTR_RESPONSE_TIME_MS = 'tracelog.response_time_ms'
export const ATTR_ELAPSED_MS = 'tracelog.elapsed_ms'
export const ATTR_ABORTED = 'tracelog.aborted'
export const ATTR_RETRIES = 'tracelog.retries'
export const ATTR_REQUEST_PATH = 'tracelog.request.path'
export const ATTR_PARENT_SPAN_ID = 'tracelog.parent_span_id'
/** The `traceparent` of a client whose trace was not continued. */
export const ATTR_CLIENT_TRACEPARENT = 'tracelog.client_traceparent'
export const ATTR_FOREIGN_TRACE_ID = 'tracelog.foreign_trace_id'
export const ATTR_FOREIGN_SPAN_ID = 'tracelog.foreign_span_id'

// -- ours: caches --
export const ATTR_CACHE_HIT = 'tracelog.cache.hit'
export const ATTR_CACHE_NAME = 'tracelog.cache.name'
export const ATTR_CACHE_OP = 'tracelog.cache.op'
export const ATTR_CACHE_KEY = 'tracelog.cache.key'
export const ATTR_CACHE_READS = 'tracelog.cache.reads'
export const ATTR_CACHE_HITS = 'tracelog.cache.hits'
export const ATTR_CACHE_MS = 'tracelog.cache.ms'

// -- ours: databases, of a request --
export const ATTR_DB_CALLS = 'tracelog.db.calls'
export const ATTR_DB_MS = 'tracelog.db.ms'

// -- ours: messages --
export const ATTR_QUEUED_MS = 'tracelog.queued_ms'
export const ATTR_ATTEMPT = 'tracelog.attempt'

// -- ours: load balancers --
export const ATTR_UPSTREAM = 'tracelog.upstream'
export const ATTR_UPSTREAM_MS = 'tracelog.upstream_ms'
export const ATTR_UPSTREAM_TRIED = 'tracelog.upstream.tried'
export const ATTR_UPSTREAM_STATUSES = 'tracelog.upstream.statuses'
export const ATTR_LB_ROUTING_MS = 'tracelog.lb.routing_ms'
export const ATTR_LB_ALGORITHM = 'tracelog.lb.algorithm'
export const ATTR_LB_BACKEND = 'tracelog.lb.backend'
export const ATTR_LB_SERVER = 'tracelog.lb.server'
export const ATTR_LB_TERM_STATE = 'tracelog.lb.term_state'

// -- ours: the record itself --
/** Of the application's worker threads; the main thread has none. */
export const ATTR_THREAD_ID = 'thread.id'
/** Of a resource: what one `tracelog run` gives all that it starts. */
export const ATTR_RUN_ID = 'tracelog.run.id'
export const ATTR_RUN_NAME = 'tracelog.run.name'
/** The code was changed since its revision. */
export const ATTR_RUN_DIRTY = 'tracelog.run.dirty'
export const ATTR_VCS_REVISION = 'vcs.ref.head.revision'

export const ATTR_SEQ = 'tracelog.seq'
export const ATTR_BUFFERED = 'tracelog.buffered'
export const ATTR_TRUNCATED = 'tracelog.truncated'
/** A record that could not be encoded; the value says why. */
export const ATTR_ENCODE_ERROR = 'tracelog.encode_error'
export const ATTR_DROPPED_COUNT = 'tracelog.dropped.count'
export const ATTR_DROPPED_REASON = 'tracelog.dropped.reason'
export const ATTR_DROPPED_SIGNAL = 'tracelog.dropped.signal'
export const ATTR_DROPPED_FIRST_SEQ = 'tracelog.dropped.first_seq'
export const ATTR_DROPPED_LAST_SEQ = 'tracelog.dropped.last_seq'
export const ATTR_LEVEL_OLD = 'tracelog.level.old'
export const ATTR_LEVEL_NEW = 'tracelog.level.new'
export const ATTR_LEVEL_SCOPE = 'tracelog.level.scope'
export const ATTR_LEVEL_SOURCE = 'tracelog.level.source'

// -- ours: what the flight recorder says of a dump --
export const ATTR_DUMP_REASON = 'tracelog.dump.reason'
export const ATTR_DUMP_BUFFERED = 'tracelog.dump.buffered'
export const ATTR_DUMP_EVICTED_RECORDS = 'tracelog.dump.evicted_records'
export const ATTR_DUMP_EVICTED_BYTES = 'tracelog.dump.evicted_bytes'
export const ATTR_DUMP_FIRST_TIMESTAMP = 'tracelog.dump.first_timestamp'
export const ATTR_DUMP_SUPPRESSED = 'tracelog.dump.suppressed'
export const ATTR_DUMP_KEPT = 'tracelog.dump.kept'

// -- ours: tasks --
/** What is to be achieved, filled in; of the record that begins a task. */
export const ATTR_TASK_GOAL = 'tracelog.task.goal'
/** Path of the task, then the record's number within it: `3/2/4`. */
export const ATTR_TASK_PATH = 'tracelog.task.path'
/** `succeeded`, `failed` or `cancelled`. */
export const ATTR_TASK_STATUS = 'tracelog.task.status'
/** The last number that the task gave, that of its end. */
export const ATTR_TASK_LAST = 'tracelog.task.last'
/** How many of its numbers do not come by themselves. */
export const ATTR_TASK_UNSENT = 'tracelog.task.unsent'
/** It came after the end of its task. */
export const ATTR_TASK_LATE = 'tracelog.task.late'
/** A subtask of nothing: there was neither task nor request. */
export const ATTR_TASK_ORPHAN = 'tracelog.task.orphan'
/** Its token was none: `malformed`. */
export const ATTR_TASK_IMPORT_ERROR = 'tracelog.task.import_error'
export const ATTR_TASK_DONE = 'tracelog.task.done'
export const ATTR_TASK_TOTAL = 'tracelog.task.total'
/** `caller`: whoever made the call may see it. */
export const ATTR_VISIBILITY = 'tracelog.visibility'
/** Who sees the lines of a call, and what of them. */
export const ATTR_RETURN_SUBJECT = 'tracelog.return.subject'
export const ATTR_RETURN_SCOPES = 'tracelog.return.scopes'
export const ATTR_RETURN_LEVEL = 'tracelog.return.level'
/** How often, one attribute per reason below this name. */
export const ATTR_RETURN_REFUSED = 'tracelog.return.refused'
/** Whoever made the call was sent this record. */
export const ATTR_RETURN_SENT = 'tracelog.return.sent'
/** In relayed mode: the stream that the backend is to tell it on. */
export const ATTR_RETURN_STREAM = 'tracelog.return.stream'
/** The span id of the unit whose lines are relayed, and how many services stand between it and the caller. */
export const ATTR_RETURN_UNIT = 'tracelog.return.unit'
export const ATTR_RETURN_HOP = 'tracelog.return.hop'
/** How the unit has ended: `ok`, `error`. */
export const ATTR_RETURN_STATUS = 'tracelog.return.status'
/** The span id of the task whose end has the error's stack. */
export const ATTR_ERROR_REF = 'tracelog.error.ref'

/** Exactly one per server hop: this one or `EVENT_LB_END`. */
export const EVENT_HTTP_SERVER_END = 'tracelog.http.server.end'
export const EVENT_LB_END = 'tracelog.lb.end'
/** Exactly one per message, job or batch that was handled. */
export const EVENT_MESSAGE_END = 'tracelog.message.end'
/** Every request that was served, and every message that was handled, has one of these. */
export const SERVED_EVENTS: readonly string[] = [EVENT_HTTP_SERVER_END, EVENT_LB_END, EVENT_MESSAGE_END]
/** Exactly one per cache look-up. */
export const EVENT_CACHE_END = 'tracelog.cache.end'
export const EVENT_DROPPED = 'tracelog.dropped'
export const EVENT_LEVEL_CHANGED = 'tracelog.level.changed'
export const EVENT_RECORDER_DUMP = 'tracelog.recorder.dump'
export const EVENT_TASK_START = 'tracelog.task.start'
export const EVENT_TASK_PROGRESS = 'tracelog.task.progress'
export const EVENT_TASK_END = 'tracelog.task.end'
export const EVENT_RETURN_GRANTED = 'tracelog.return.granted'
export const EVENT_RETURN_REFUSED = 'tracelog.return.refused'
/** What services tell the backend alone, which stores none of it: a unit is bound, a line that it prints, its end. */
export const EVENT_RETURN_BOUND = 'tracelog.return.bound'
export const EVENT_RETURN_OUTPUT = 'tracelog.return.output'
export const EVENT_RETURN_OVER = 'tracelog.return.over'
/** Who says so, and no logger of the application's. */
export const SCOPE_RETURN = 'tracelog.return'
export const EVENT_UNCAUGHT_EXCEPTION = 'process.uncaught_exception'

/** Which kind of hop wrote a record. */
export type Component = 'load_balancer' | 'http_server' | 'cache' | 'client' | 'app'

/** The values of `tracelog.component`. */
export const COMPONENTS: readonly Component[] = ['load_balancer', 'http_server', 'cache', 'client', 'app']

/** Numbers under these keys are doubles on the wire even when whole: a column must not change its type from row to row. */
export const DOUBLE_KEYS: ReadonlySet<string> = new Set([
  ATTR_RESPONSE_TIME_MS,
  ATTR_ELAPSED_MS,
  ATTR_CACHE_MS,
  ATTR_QUEUED_MS,
  ATTR_DB_MS,
  ATTR_UPSTREAM_MS,
  ATTR_LB_ROUTING_MS,
])
