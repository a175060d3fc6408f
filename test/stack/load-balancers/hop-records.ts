/** What a Collector has written into its aggregated file, record by record. */
import { existsSync, readFileSync } from 'node:fs'

import type { Attributes } from '../../../src/model/any-value.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { decodeLogsRequestJson } from '../../../src/model/otlp-json-decode.ts'
import type { Otelcol } from '../../support/servers/otelcol.ts'

export interface CollectedRecord {
  readonly resource: Attributes
  readonly record: LogRecord
}

/** In the order in which they arrived. Whole lines only: the last one may still be written. */
export function recordsOf({ aggregateFile }: Pick<Otelcol, 'aggregateFile'>): readonly CollectedRecord[] {
  if (!existsSync(aggregateFile)) return []
  return readFileSync(aggregateFile, 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => decodeLogsRequestJson(line))
    .flatMap(({ resource, scopes }) =>
      scopes.flatMap(({ records }) => records.map((record) => ({ resource: resource.attributes, record }))),
    )
}
