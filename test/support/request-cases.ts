/**
 * A program whose cases are requests (test/libraries/programs/databases/requests.cjs), run to its end: what arrived of each request.
 */
import { runChild, type ChildEnd } from './child.ts'
import { libraryProgram, type LibrarySet } from './libraries.ts'
import { nodeBinary } from './nodes.ts'
import { startReceiver, type ReceivedLog, type ReceivedSpan } from './receiver.ts'

export interface CaseRun {
  readonly program: string
  readonly set: LibrarySet
  readonly node?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface CaseResult {
  /** CLIENT spans of databases and remote caches, in the order in which they ended. */
  readonly calls: readonly ReceivedSpan['span'][]
  /** Completion records of its look-ups in caches, in the order in which these ended. */
  readonly lookUps: readonly ReceivedLog['record'][]
  /** What its code said, as far as the lines have the request's trace. */
  readonly lines: readonly string[]
  /** Of its completion record. */
  readonly completion: ReceivedLog['record']['attributes']
}

export interface CasesResult {
  readonly end: ChildEnd
  /** By the request's path without its slash. */
  readonly cases: Readonly<Record<string, CaseResult>>
  /** Calls of no request. */
  readonly outside: readonly ReceivedSpan['span'][]
}

export async function runCases({ program, set, node, env = {} }: CaseRun): Promise<CasesResult> {
  const receiver = await startReceiver()
  try {
    const end = await runChild(libraryProgram(program, set), {
      flushesAtEnd: true,
      ...(node === undefined ? {} : { node: nodeBinary(node) }),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    })
    return { end, ...sorted(receiver.receivedSpans, receiver.receivedLogs) }
  } finally {
    await receiver.close()
  }
}

/** Look-ups of a request: reads, hits, and whether the last one hit. */
export function countsOf(result: CaseResult | undefined): readonly unknown[] {
  return ['reads', 'hits', 'hit'].map((name) => result?.completion[`tracelog.cache.${name}`])
}

function sorted(spans: readonly ReceivedSpan[], logs: readonly ReceivedLog[]): Omit<CasesResult, 'end'> {
  const calls = spans.map(({ span }) => span).filter(({ attributes }) => attributes['db.system.name'] !== undefined)
  const servers = spans.map(({ span }) => span).filter(({ kind }) => kind === 2)
  const cases = servers.map(({ traceId, spanId, attributes }) => {
    const own = logs.map(({ record }) => record).filter((record) => record.traceId === traceId)
    const result: CaseResult = {
      calls: calls.filter((call) => call.traceId === traceId && call.parentSpanId === spanId),
      lookUps: own.filter(({ eventName }) => eventName === 'tracelog.cache.end'),
      lines: own.filter(({ eventName }) => eventName === '').map(({ body }) => textOf(body)),
      completion: own.find(({ eventName }) => eventName === 'tracelog.http.server.end')?.attributes ?? {},
    }
    return [textOf(attributes['url.path']).slice(1), result] as const
  })
  const traces = new Set(servers.map(({ traceId }) => traceId))
  return { cases: Object.fromEntries(cases), outside: calls.filter(({ traceId }) => !traces.has(traceId)) }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
