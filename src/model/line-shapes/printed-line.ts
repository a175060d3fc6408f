/**
 * A line that a program has printed, as what a record says: how severe, which text, which fields.
 *
 * Read as line-shapes/ reads any line. A level is what the line says, else INFO; of standard error ERROR where it is a stack.
 */
import { type AnyValue, type Attributes, setField } from '../any-value.ts'
import { recordOfFields } from '../flat-line-read.ts'
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_LOG_IOSTREAM,
  ATTR_TRUNCATED,
} from '../semconv.ts'
import { SEVERITY_ERROR, SEVERITY_INFO } from '../severity.ts'
import type { JoinedLine } from './joined-lines.ts'
import { createShapedLineReader, type ShapedLine } from './read-line.ts'

export interface PrintedRecord {
  readonly severityNumber: number
  /** The program's own word; empty where it says none. */
  readonly severityText: string
  readonly body: AnyValue | undefined
  /** The logger's or the program's name. */
  readonly logger: string | undefined
  readonly attributes: Attributes
  readonly timeUnixNano: bigint | undefined
}

type Stream = 'stdout' | 'stderr'

/** Terminal sequences. Source: ECMA-48, "CSI" and "OSC", bounded. */
// oxlint-disable-next-line no-control-regex -- they begin with one
const SEQUENCE = /\u001B(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\u0007\u001B]{0,256}(?:\u0007|\u001B\\))/g

export function readPrintedLine({ text: written, isStack, isCut }: JoinedLine, stream: Stream): PrintedRecord {
  const text = withoutSequences(written)
  const attributes: Record<string, AnyValue> = { [ATTR_LOG_IOSTREAM]: stream }
  if (isCut) attributes[ATTR_TRUNCATED] = true
  const shaped = shapeOf(isStack ? headOf(text) : text)
  if (isStack) addStack(attributes, text)
  const severity = isStack && stream === 'stderr' ? SEVERITY_ERROR : SEVERITY_INFO
  if (shaped === undefined || shaped.isPlain) {
    const body = isStack ? messageOf(text) : text
    return { severityNumber: severity, severityText: '', body, logger: undefined, attributes, timeUnixNano: undefined }
  }
  const { record, resource, scope } = recordOfFields(shaped.fields)
  addFields(attributes, record.attributes)
  const { body } = record
  return {
    severityNumber: record.severityNumber || severity,
    severityText: record.severityText,
    body: typeof body === 'string' ? withoutSequences(body) : body,
    logger: scope.name || nameOf(resource.attributes),
    attributes,
    timeUnixNano: record.timeUnixNano === 0n ? undefined : record.timeUnixNano,
  }
}

/** A line of its own: what a container's runtime cuts into pieces is nothing that a program prints. */
function shapeOf(line: string): ShapedLine | undefined {
  const reader = createShapedLineReader()
  return reader.read(line) ?? reader.end()[0]
}

/** pino's and bunyan's envelope: told by resource and scope. */
const ENVELOPE: ReadonlySet<string> = new Set(['pid', 'hostname', 'v'])

function addFields(attributes: Record<string, AnyValue>, fields: Attributes): void {
  const isLoggers = typeof fields['pid'] === 'number' && typeof fields['hostname'] === 'string'
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined && !(isLoggers && ENVELOPE.has(key))) setField(attributes, key, value)
  }
}

function nameOf(resource: Attributes): string | undefined {
  const name = resource['service.name']
  return typeof name === 'string' && name !== '' ? name : undefined
}

function addStack(attributes: Record<string, AnyValue>, text: string): void {
  const { type, message } = exceptionOf(messageOf(text))
  if (type !== undefined) attributes[ATTR_EXCEPTION_TYPE] = type
  if (message !== '') attributes[ATTR_EXCEPTION_MESSAGE] = message
  attributes[ATTR_EXCEPTION_STACKTRACE] = text
}

const EXCEPTION = /^(?:Uncaught )?([A-Za-z_$][\w$.]{0,127})(?:: |$)/

function exceptionOf(line: string): { readonly type: string | undefined; readonly message: string } {
  const match = EXCEPTION.exec(line)
  return { type: match?.[1], message: match === null ? line : line.slice(match[0].length) }
}

/** The line that names the exception: the first, of Python the last. */
function messageOf(text: string): string {
  return text.startsWith('Traceback (') ? text.slice(text.lastIndexOf('\n') + 1) : headOf(text)
}

function headOf(text: string): string {
  const end = text.indexOf('\n')
  return end === -1 ? text : text.slice(0, end)
}

function withoutSequences(text: string): string {
  return text.includes('\u001B') ? text.replace(SEQUENCE, '') : text
}
