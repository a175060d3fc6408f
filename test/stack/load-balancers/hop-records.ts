/** What a Collector has written into its files with aggregate.yaml: record by record, span by span. */
import { existsSync, readFileSync } from 'node:fs'

import type { Attributes } from '../../../src/model/any-value.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { decodeLogsRequestJson, decodeTracesRequestJson } from '../../../src/model/otlp-json-decode.ts'
import type { SpanRecord } from '../../../src/model/span-record.ts'
import type { Otelcol } from '../../support/servers/otelcol.ts'

export interface CollectedRecord {
  readonly resource: Attributes
  readonly record: LogRecord
}

/** In the order in which they arrived. */
export function recordsOf({ aggregateFile }: Pick<Otelcol, 'aggregateFile'>): readonly CollectedRecord[] {
  return wholeLines(aggregateFile)
    .flatMap((line) => decodeLogsRequestJson(line))
    .flatMap(({ resource, scopes }) =>
      scopes.flatMap(({ records }) => records.map((record) => ({ resource: resource.attributes, record }))),
    )
}

export interface CollectedSpan {
  readonly service: unknown
  readonly span: SpanRecord
}

/** The file that TRACELOG_TRACES names. */
export function spansOf(file: string): readonly CollectedSpan[] {
  return wholeLines(file)
    .flatMap((line) => decodeTracesRequestJson(line))
    .flatMap(({ resource, scopes }) =>
      scopes.flatMap(({ spans }) => spans.map((span) => ({ service: resource.attributes['service.name'], span }))),
    )
}

/** The last line may still be written. */
function wholeLines(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}
