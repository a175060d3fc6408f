/**
 * Which fields of a record does a person want beside its message, and how are they written? `key=value`, short ones first seen.
 */
import { visibleLine } from '../model/visible-text.ts'

/** Shown elsewhere on the line, or of no use to the eye. All of them are in `--json`. */
const HIDDEN: ReadonlySet<string> = new Set([
  'id',
  'time_ns',
  'observed_ns',
  'timestamp',
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
  'error_stack',
  'dropped_attributes',
  'log.record.uid',
])

/** What describes the process, the host and the line of code rather than what happened. */
const HIDDEN_PREFIXES = ['service.', 'process.', 'host.', 'os.', 'telemetry.', 'container.', 'k8s.', 'code.', 'thread.']
const HIDDEN_MORE = ['exception.', 'tracelog.', 'otel.', 'network.', 'user_agent.', 'client.', 'server.', 'db.', 'url.']

/** Longer values are cut: one line per record. Characters. */
const MAX_VALUE_LENGTH = 200

/** @param said  keys whose values the line shows already */
export function fieldsText(
  fields: Readonly<Record<string, unknown>> | undefined,
  said: ReadonlySet<string> = new Set(),
): string {
  return Object.entries(fields ?? {})
    .filter(([key, value]) => value !== undefined && !said.has(key) && isShown(key))
    .map(([key, value]) => `${visibleLine(ownName(key, fields ?? {}))}=${valueText(value)}`)
    .join(' ')
}

/** A field of the application's own that has the name of one of ours arrives as `attr.<name>`. */
function ownName(key: string, fields: Readonly<Record<string, unknown>>): string {
  const name = key.replace(/^attr\./, '')
  return name in fields ? key : name
}

function isShown(key: string): boolean {
  return !HIDDEN.has(key) && ![...HIDDEN_PREFIXES, ...HIDDEN_MORE].some((prefix) => key.startsWith(prefix))
}

/** A word as it is, everything else as JSON: what is quoted and what is a number stays visible. */
function valueText(value: unknown): string {
  const text = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : (JSON.stringify(value) ?? String(value))
  return visibleLine(text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text)
}

/** The level as one letter: T D I W E F. */
export function levelLetter(level: string | undefined): string {
  return /^[TDIWEF]/.exec((level ?? 'INFO').toUpperCase())?.[0] ?? 'I'
}

const ERROR_KEYS: ReadonlySet<string> = new Set(['error_type', 'error_message'])
const NO_KEYS: ReadonlySet<string> = new Set()

/**
 * Message and error as one text: the error is added unless the message tells it already.
 *
 * @returns also the keys that it tells, so that they are not repeated as fields
 */
export function messageWithError(
  message: string,
  error: { readonly type?: string | undefined; readonly message?: string | undefined } | undefined,
): { text: string; said: ReadonlySet<string> } {
  const type = error?.type ?? ''
  const reason = error?.message ?? ''
  if (reason === '') return { text: message, said: NO_KEYS }
  const whole = type === '' ? reason : `${type}: ${reason}`
  if (message === reason) return { text: whole, said: ERROR_KEYS }
  return { text: message.includes(reason) ? message : `${message}  ${whole}`, said: ERROR_KEYS }
}
