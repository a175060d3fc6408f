/**
 * A source from what it can do: everything else answers "not supported by this source".
 */
import { TracelogError } from '../diag/errors.ts'
import type { Capability, LogSource, SourceOperations } from './log-source.ts'

/** What each is called in a message. */
const NAMES: Readonly<Record<Capability, string>> = {
  logs: 'a list of records',
  logsOtlp: 'format=otlp',
  logsAround: 'what is around a record',
  requests: 'a list of requests',
  trace: 'a trace',
  traceOtlp: 'a trace as OTLP',
  diff: 'a comparison of two requests',
  baseline: 'the good request to compare with',
  runs: 'a list of runs',
  diffRuns: 'a comparison of two runs',
  tail: 'tail',
  histogram: 'a histogram',
  facets: 'facets',
  services: 'a list of services',
  fields: 'a list of fields',
  patterns: 'patterns',
  errors: 'a list of errors',
  map: 'a map of services',
  sql: 'sql',
  status: 'status',
}

/** @param name  as in `--source`, for messages */
export function createSource(name: string, operations: Partial<SourceOperations>): LogSource {
  const refused = Object.fromEntries(
    Object.keys(NAMES).map((capability) => [capability, () => refuse(name, capability as Capability)]),
  ) as unknown as SourceOperations
  const capabilities = new Set(Object.keys(operations) as Capability[])
  return { ...refused, ...operations, name, capabilities }
}

function refuse(name: string, capability: Capability): never {
  throw new TracelogError(`${NAMES[capability]} is not supported by this source: ${name}`, {
    code: 'TRACELOG_NOT_SUPPORTED',
    hint: 'Ask the local backend instead (`tracelog dev`, --source local), or leave that out.',
  })
}
