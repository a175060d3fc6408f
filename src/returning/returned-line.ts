/**
 * What of a record its caller sees, as one flat line: nothing that is secret, stacks only where they are granted, and of the service no more
 * than its name.
 */
import type { Attributes } from '../model/any-value.ts'
import { toFlatLine } from '../model/flat-line.ts'
import type { InstrumentationScope, LogRecord } from '../model/log-record.ts'
import { ATTR_SERVICE_NAME } from '../model/semconv.ts'
import type { ReturnScope } from './return-grant.ts'

export interface ReturnedLineOptions {
  readonly scope: InstrumentationScope
  readonly scopes: readonly ReturnScope[]
  readonly serviceName: string
  /** Hides what is secret. */
  readonly redact: (record: LogRecord) => LogRecord
}

const STACK_KEYS =
  /^(?:error_stack|exception\.(?:stacktrace|cause|errors)(?:\.|$)|error\.(?:stack|cause|errors)(?:\.|$))/
const HIDDEN_KEYS = /^(?:url\.query|url\.full|tracelog\.upstream|tracelog\.return\.)/

export function returnedLine(record: LogRecord, { scope, scopes, serviceName, redact }: ReturnedLineOptions): string {
  const shown = redact(shownOf(record, scopes.includes('logs:stack')))
  // The name of a logger is the application's text as well.
  const name = redact({ ...record, body: scope.name, attributes: {} }).body
  const resource = { attributes: { [ATTR_SERVICE_NAME]: serviceName } }
  return toFlatLine(shown, resource, { ...scope, name: typeof name === 'string' ? name : '' }, { resourceKeys: [] })
}

function shownOf(record: LogRecord, hasStacks: boolean): LogRecord {
  const hides = (name: string): boolean => HIDDEN_KEYS.test(name) || (!hasStacks && STACK_KEYS.test(name))
  const { attributes } = record
  if (!Object.keys(attributes).some(hides)) return record
  const kept: Attributes = Object.fromEntries(Object.entries(attributes).filter(([name]) => !hides(name)))
  return { ...record, attributes: kept }
}
