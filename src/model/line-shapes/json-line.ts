/**
 * JSON objects of loggers: pino, bunyan, winston, zap, zerolog, slog, logstash, ECS, structlog, Google's and Datadog's keys.
 *
 * One table of names per meaning, the flat line's own first: loggers mix them freely, so that telling them apart would lose lines.
 * A name is taken only when its value is what it says; what is not taken stays under its own key.
 */
import type { AnyValue } from '../any-value.ts'
import { levelFields, type ShapedFields } from './shape.ts'
import { timeFields, timeOfField } from './line-time.ts'

const TIME = ['timestamp', 'time', 'ts', '@timestamp', '@t', 'datetime', 'date', 'asctime', 'eventTime', 't']
const LEVEL = ['level', 'severity', 'lvl', 'levelname', 'log.level', 'loglevel', 'level_name', '@l', 'status']
const MESSAGE = ['message', 'msg', '@m', '@mt', 'short_message']
const SERVICE = ['service', 'service.name', 'service_name', 'serviceName', 'dd.service']
const LOGGER = ['logger', 'logger_name', 'loggerName', 'log.logger']
const TRACE = [
  'trace_id',
  'traceId',
  'traceID',
  'traceid',
  'trace.id',
  'otelTraceID',
  'logging.googleapis.com/trace',
  '@tr',
  'dd.trace_id',
]
const SPAN = ['span_id', 'spanId', 'spanID', 'spanid', 'span.id', 'otelSpanID', 'logging.googleapis.com/spanId', '@sp']
const ERROR = ['err', 'error', 'exception', 'exc']
const STACK = [
  'stacktrace',
  'stack_trace',
  'error.stack_trace',
  'error.stack',
  'errorVerbose',
  'exc_info',
  'stack',
  '@x',
]

/** @param object  parsed; is not changed */
export function jsonFields(object: Readonly<ShapedFields>): ShapedFields {
  const rest: ShapedFields = { ...object }
  const found: ShapedFields = {
    ...takeTime(rest),
    ...takeLevel(rest),
    ...takeText(rest, 'message', MESSAGE),
    ...takeService(rest),
    ...takeIds(rest),
    ...takeText(rest, 'logger', LOGGER),
    ...takeError(rest),
  }
  // A name of the table whose value was none of its kind, beside another name that was: it is a field of its own.
  for (const name of Object.keys(rest)) if (Object.hasOwn(found, name)) moveAside(rest, name)
  return { ...found, ...rest }
}

function moveAside(rest: ShapedFields, name: string): void {
  rest[`attr.${name}`] = rest[name]!
  delete rest[name]
}

function takeTime(rest: ShapedFields): ShapedFields {
  for (const name of TIME) {
    const time = timeOfField(own(rest, name))
    if (time === undefined) continue
    delete rest[name]
    return timeFields(time)
  }
  return {}
}

function takeLevel(rest: ShapedFields): ShapedFields {
  for (const name of LEVEL) {
    const value = own(rest, name)
    // Graylog's levels are syslog's; `status` is Datadog's level, and everybody else's HTTP status.
    const fields = levelFields(name === 'level' && own(rest, 'short_message') !== undefined ? gelfLevel(value) : value)
    if (fields['level'] === undefined || (name === 'status' && typeof value === 'number')) continue
    delete rest[name]
    return fields
  }
  return {}
}

const GELF_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']

function gelfLevel(value: AnyValue | undefined): AnyValue | undefined {
  return typeof value === 'number' ? (GELF_LEVELS[value] ?? value) : value
}

function takeText(rest: ShapedFields, as: string, names: readonly string[]): ShapedFields {
  for (const name of names) {
    const value = own(rest, name)
    if (typeof value !== 'string') continue
    delete rest[name]
    return { [as]: value }
  }
  return {}
}

/** bunyan's and pino's `name` is the program's, as the two beside it tell. */
function takeService(rest: ShapedFields): ShapedFields {
  const named = own(rest, 'service')
  if (isObject(named) && typeof named['name'] === 'string') {
    const { name, ...others } = named
    delete rest['service']
    for (const [key, value] of Object.entries(others)) rest[`service.${key}`] = value
    return { service: name }
  }
  const isProgram = typeof own(rest, 'hostname') === 'string' && typeof own(rest, 'pid') === 'number'
  return takeText(rest, 'service', isProgram ? [...SERVICE, 'name'] : SERVICE)
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

function takeIds(rest: ShapedFields): ShapedFields {
  const ids = { ...takeId(rest, 'trace_id', TRACE), ...takeId(rest, 'span_id', SPAN) }
  if (ids['trace_id'] !== undefined) return ids
  const parent = own(rest, 'traceparent')
  const parts = typeof parent === 'string' ? TRACEPARENT.exec(parent) : null
  return parts === null ? ids : { trace_id: parts[1]!, span_id: parts[2]!, trace_flags: parts[3]!, ...ids }
}

function takeId(rest: ShapedFields, as: 'trace_id' | 'span_id', names: readonly string[]): ShapedFields {
  for (const name of names) {
    const value = own(rest, name)
    if (typeof value !== 'string' || /^0*$/.test(value)) continue
    delete rest[name]
    // Google: projects/<project>/traces/<id>.
    return { [as]: value.slice(value.lastIndexOf('/') + 1) }
  }
  // ECS, nested: {"trace":{"id":"..."}}
  const nested = own(rest, as === 'trace_id' ? 'trace' : 'span')
  return isObject(nested) && typeof nested['id'] === 'string' ? { [as]: nested['id'] } : {}
}

function takeError(rest: ShapedFields): ShapedFields {
  if (own(rest, 'error_message') !== undefined || own(rest, 'error_stack') !== undefined) return {}
  const said: ShapedFields = {
    ...takeText(rest, 'error_type', ['error.type', 'error.kind', 'error_type']),
    ...takeText(rest, 'error_message', ['error.message']),
    ...takeErrorObject(rest),
    ...takeText(rest, 'error_stack', STACK),
  }
  return said
}

/** An error as pino, bunyan and others write it, or only its text. */
function takeErrorObject(rest: ShapedFields): ShapedFields {
  for (const name of ERROR) {
    const value = own(rest, name)
    if (typeof value === 'string' && value !== '') {
      delete rest[name]
      return { error_message: value }
    }
    if (!isObject(value) || typeof value['message'] !== 'string') continue
    const { type, name: className, kind, message, stack, stack_trace: trace, ...others } = value
    delete rest[name]
    if (Object.keys(others).length > 0) rest[name] = others
    return {
      ...text('error_type', type ?? className ?? kind),
      error_message: message,
      ...text('error_stack', stack ?? trace),
    }
  }
  return {}
}

function text(as: string, value: AnyValue | undefined): ShapedFields {
  return typeof value === 'string' && value !== '' ? { [as]: value } : {}
}

function own(fields: Readonly<ShapedFields>, name: string): AnyValue | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function isObject(value: AnyValue | undefined): value is Record<string, AnyValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
