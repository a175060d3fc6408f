/**
 * What was measured as a batch: one "record" is one metric with all its points, which is how a request holds them too.
 */
import type { EncodedBatch } from '../model/encoded-batch.ts'
import { encodeScope, type ScopeRecords } from '../model/otlp-request.ts'
import { SEVERITY_INFO } from '../model/severity.ts'
import { OWN_SCOPE } from './dropped-record.ts'

export interface MetricsBatchOptions {
  /** From `encodeResource`. */
  readonly resource: Uint8Array
  /** The running number of the first metric. */
  readonly firstSeq: number
  readonly sinceMillis: number
}

/** @param scopes  with the metrics of each, as they stand in a request */
export function metricsBatch(
  scopes: readonly ScopeRecords[],
  { resource, firstSeq, sinceMillis }: MetricsBatchOptions,
): EncodedBatch<'metrics'> {
  const metrics = scopes.flatMap(({ records }, index) => records.map((bytes) => ({ bytes, scope: index + 1 })))
  let end = 0
  const ends = Int32Array.from(metrics, ({ bytes }) => (end += bytes.length))
  const severities = new Uint8Array(metrics.length).fill(SEVERITY_INFO)
  return {
    signal: 'metrics',
    resource,
    // The first is our own, whose records are not counted: none of these.
    scopes: [encodeScope(OWN_SCOPE), ...scopes.map(({ scope }) => new Uint8Array(scope))],
    bytes: new Uint8Array(Buffer.concat(metrics.map(({ bytes }) => bytes))),
    ends,
    severities,
    ranks: severities,
    scopeOf: Uint16Array.from(metrics, ({ scope }) => scope),
    seqs: Float64Array.from(metrics, (_, index) => firstSeq + index),
    sinceMillis,
  }
}
