/**
 * Hides what is secret in what an application prints. A line of JSON is hidden by its keys and in its strings, where quotes are escaped;
 * then all is one text, for secrets of several lines.
 */
import type { AnyValue } from '../model/any-value.ts'
import type { LogRecord } from '../model/log-record.ts'
import { SEVERITY_INFO } from '../model/severity.ts'

const BARE: Omit<LogRecord, 'body'> = {
  timeUnixNano: 0n,
  observedTimeUnixNano: 0n,
  severityNumber: SEVERITY_INFO,
  severityText: '',
  eventName: '',
  attributes: {},
  traceId: '',
  spanId: '',
  traceFlags: 0,
  droppedAttributesCount: 0,
}

export function createPrintedRedactor(redact: (record: LogRecord) => LogRecord): (text: string) => string {
  const hide = (body: AnyValue): AnyValue | undefined => redact({ ...BARE, body }).body
  const hideLine = (line: string): string => {
    const value = line.startsWith('{') ? parsed(line) : undefined
    if (value === undefined) return line
    const hidden = hide(value)
    return hidden === value ? line : JSON.stringify(hidden)
  }
  return (text) => {
    const lines = text.includes('{') ? text.split('\n').map(hideLine).join('\n') : text
    const hidden = hide(lines)
    return typeof hidden === 'string' ? hidden : ''
  }
}

function parsed(line: string): AnyValue | undefined {
  try {
    return JSON.parse(line) as AnyValue
  } catch {
    return undefined
  }
}
