/**
 * `tracelog sql`: one SELECT over the stored logs, spans and traces, as a table or as JSON lines.
 */
import { text as readAll } from 'node:stream/consumers'

import type { SqlAnswer } from '../sources/log-source.ts'
import { createPaint } from './colour.ts'
import { JSON_FLAG, SOURCE_FLAGS, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { openSource } from './open-source.ts'
import { writeJson, writeLine } from './io.ts'
import { renderTable } from './table.ts'

export const sqlCommand: Command = {
  name: 'sql',
  summary: 'Ask the stored logs and spans in SQL (DuckDB, read-only)',
  operands: 'SELECT',
  operandCount: { min: 1, max: 1 },
  flags: { ...JSON_FLAG, ...SOURCE_FLAGS },
  details: `One SELECT in quotes, or - to read it from standard input. At most 10 s and 10,000 rows. The views:
  logs    time_ns, observed_ns, severity_number, severity_text, service, instance, scope, event, trace_id, span_id, trace_flags,
          body, component, method, path, route, status, response_time_ms, cache_hit, attributes, resource
  spans   start_ns, end_ns, duration_ms, service, instance, scope, trace_id, span_id, parent_span_id, kind, name,
          status_code, status_message, attributes, events, links, resource
  traces  trace_id, first_ns, last_ns, root_service, root_name, services, logs, spans, errors`,
  examples: [
    ["tracelog sql 'select service, count(*) n from logs group by all order by n desc'", 'who logs most'],
    ["tracelog sql --json 'select path, response_time_ms from logs where status >= 500'", 'one object per row'],
  ],
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const { flags, operands, io } = invocation
  const statement = operands[0] === '-' ? await readAll(process.stdin) : (operands[0] as string)
  const source = await openSource(invocation)
  const answer = await source.sql(statement)
  if (flags.isSet('json')) for (const row of answer.rows) writeJson(io.out, objectOf(answer, row))
  else {
    const lines = renderTable(answer, { paint: createPaint(io.out.colourDepth), columns: io.out.columns })
    for (const line of lines) writeLine(io.out, line)
  }
  if (answer.truncated) writeLine(io.err, `tracelog sql: the first ${answer.rows.length} rows; there are more`)
  return answer.rows.length === 0 ? EXIT.failed : EXIT.done
}

/** Two columns of one name: the later one is numbered, so that none is lost. */
function objectOf({ columns }: SqlAnswer, row: readonly unknown[]): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>
  columns.forEach(({ name }, i) => {
    let key = name
    for (let n = 2; key in object; n++) key = `${name}_${n}`
    object[key] = row[i]
  })
  return object
}
