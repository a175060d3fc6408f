/** What arrived: ids with how often each is there, in Loki, in Tempo, in the Collector's aggregated file. */
import { existsSync, readFileSync } from 'node:fs'

import { askLoki, type LokiLine } from '../../../support/servers/loki.ts'
import type { Otelcol } from '../../../support/servers/otelcol.ts'

/** id -> times stored */
export type Stored = ReadonlyMap<string, number>

/** Rows that Loki gives for one query; collector/loki.yaml allows that many. */
const PAGE = 5_000

/** All records of a service, page by page in the order of their times. */
export async function readLoki(url: string, service: string): Promise<Stored> {
  const stored = new Map<string, number>()
  // A day back: senders of these tests began a few minutes ago.
  let start = BigInt(Date.now() - 86_400_000) * 1_000_000n
  for (;;) {
    const page = await readPage(url, service, start)
    for (const { stream, time } of page) {
      const uid = stream['log_record_uid'] ?? `a record without a uid at ${time}`
      stored.set(uid, (stored.get(uid) ?? 0) + 1)
    }
    if (page.length < PAGE) return stored
    start = page.reduce((max, { time }) => (time > max ? time : max), 0n) + 1n
  }
}

async function readPage(url: string, service: string, start: bigint): Promise<readonly LokiLine[]> {
  return await askLoki(url, {
    // Bodies are not looked at: large ones would be more than an answer may be.
    query: `{service_name="${service}"} | line_format "-"`,
    parameters: {
      limit: String(PAGE),
      direction: 'forward',
      start: String(start),
      end: String(BigInt(Date.now() + 3_600_000) * 1_000_000n),
    },
  })
}

/** Traces asked for at the same time. */
const TRACES_AT_ONCE = 16

/** Which of these traces Tempo finds by their id. */
export async function readTempo(url: string, traceIds: Iterable<string>): Promise<Stored> {
  const stored = new Map<string, number>()
  const left = [...traceIds]
  const lane = async (): Promise<void> => {
    for (let traceId = left.pop(); traceId !== undefined; traceId = left.pop()) {
      const spans = await countSpans(url, traceId)
      if (spans > 0) stored.set(traceId, spans)
    }
  }
  await Promise.all(Array.from({ length: TRACES_AT_ONCE }, lane))
  return stored
}

async function countSpans(url: string, traceId: string): Promise<number> {
  const response = await fetch(`${url}/api/traces/${traceId}`)
  if (response.status === 404) return 0
  if (!response.ok) throw new Error(`Tempo answers ${response.status}: ${await response.text()}`)
  const { batches = [] } = (await response.json()) as { batches?: { scopeSpans: { spans: unknown[] }[] }[] }
  return batches.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)).length
}

interface OtlpLogsRequest {
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly attributes?: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[]
      }[]
    }[]
  }[]
}

/** Records of the single aggregated file whose uid is of that service. A broken line fails. */
export function readAggregate(collector: Otelcol, service: string): Stored {
  const stored = new Map<string, number>()
  for (const request of collector.aggregate() as readonly OtlpLogsRequest[]) {
    const scopes = (request.resourceLogs ?? []).flatMap(({ scopeLogs }) => scopeLogs)
    for (const { attributes = [] } of scopes.flatMap(({ logRecords }) => logRecords)) {
      const uid = attributes.find(({ key }) => key === 'log.record.uid')?.value.stringValue
      if (uid?.startsWith(`${service}-`)) stored.set(uid, (stored.get(uid) ?? 0) + 1)
    }
  }
  return stored
}

interface OtlpSpansRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly traceId: string }[] }[]
  }[]
}

/** Spans by trace id in what the file exporter of spans-to-file.yaml has written so far; the last line may be half there. */
export function readSpansFile(file: string): Stored {
  const stored = new Map<string, number>()
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
  for (const { resourceSpans } of lines.map((line) => JSON.parse(line) as OtlpSpansRequest)) {
    const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans)
    for (const { traceId } of scopes.flatMap(({ spans }) => spans)) stored.set(traceId, (stored.get(traceId) ?? 0) + 1)
  }
  return stored
}
