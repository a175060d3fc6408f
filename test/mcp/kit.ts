/** Tools asked in this process: of a source that a test made, by the protocol's messages. */
import type { LogRow, RequestRow, RunDiff, RunRow, TraceTree } from '../../src/model/api.ts'
import type { ToolResult } from '../../src/mcp/protocol.ts'
import { createMcpServer } from '../../src/mcp/server.ts'
import { createSource } from '../../src/sources/create-source.ts'
import { diffTrees } from '../../src/tree/diff.ts'
import type { LogSource, SourceOperations } from '../../src/sources/log-source.ts'

/** When it is, for all who ask: the example's day. */
export const NOW = Date.parse('2026-11-21T14:40:00Z')

export interface Asking {
  readonly ask: (name: string, given?: Readonly<Record<string, unknown>>) => Promise<ToolResult>
  readonly text: (name: string, given?: Readonly<Record<string, unknown>>) => Promise<string>
}

export function askingOf(source: LogSource, page: string | undefined = 'http://127.0.0.1:4330'): Asking {
  const server = createMcpServer({
    version: '0.0.0',
    capabilities: source.capabilities,
    open: () => Promise.resolve({ source, page }),
    now: () => NOW,
  })
  const ask = async (name: string, given: Readonly<Record<string, unknown>> = {}): Promise<ToolResult> =>
    await server.call({ name, arguments: given, signal: new AbortController().signal, progress: () => {} })
  return { ask, text: async (name, given) => (await ask(name, given)).content.map(({ text }) => text).join('') }
}

export interface Held {
  readonly logs?: readonly LogRow[]
  readonly requests?: readonly RequestRow[]
  readonly trees?: readonly TraceTree[]
  readonly runs?: readonly RunRow[]
  readonly runDiff?: RunDiff
}

const COVERED = { complete: true, covered_from: '2026-11-21T14:25:00.000Z' }

/** Answers whatever is asked with all that it holds. */
export function holding(
  { logs = [], requests = [], trees = [], runs = [], runDiff }: Held,
  more: Partial<SourceOperations> = {},
): LogSource {
  return createSource('local', {
    logs: () => Promise.resolve({ logs, next_cursor: null, took_ms: 1 }),
    requests: () => Promise.resolve({ requests, next_cursor: null, took_ms: 1 }),
    trace: (id) => Promise.resolve(trees.find(({ trace_id: trace }) => trace.startsWith(id))),
    diff: (a, b) => {
      const [first, second] = [a, b].map((id) => trees.find(({ trace_id: trace }) => trace.startsWith(id)))
      return Promise.resolve(first === undefined || second === undefined ? undefined : diffTrees(first, second))
    },
    patterns: () =>
      Promise.resolve({
        ...COVERED,
        patterns: logs.map((row, i) => ({
          pattern: `1a2b3c4${i % 10}`,
          example: row.message,
          count: 12 - i,
          first_at: '2026-11-21T14:30:00.000Z',
          last_at: '2026-11-21T14:32:06.000Z',
          level: row.level,
          service: row.service,
          spark: [],
          ...(i === 1 ? { new: true } : {}),
        })),
      }),
    runs: () => Promise.resolve(runs.slice(0, 2)),
    diffRuns: () => Promise.resolve(runDiff),
    baseline: () => Promise.resolve(requests[0]),
    logsAround: () => Promise.resolve({ logs }),
    services: () =>
      Promise.resolve(
        [...new Set(logs.map(({ service }) => service))].map((name) => ({
          name,
          instances: 1,
          first_at: '2026-11-21T14:00:00.000Z',
          last_at: '2026-11-21T14:35:00.000Z',
          logs: 3,
          spans: 2,
          errors: 1,
        })),
      ),
    fields: () =>
      Promise.resolve({
        ...COVERED,
        fields: logs.flatMap((row) =>
          Object.entries(row).map(([key, value]) => ({
            key,
            type: 'string' as const,
            records: 2,
            values: [String(value)],
          })),
        ),
      }),
    facets: ({ fields }) =>
      Promise.resolve({
        ...COVERED,
        facets: Object.fromEntries(
          fields.map((key) => [key, logs.map((row) => ({ value: String(row[key]), count: 3 }))]),
        ),
        other: {},
        missing: {},
      }),
    histogram: ({ of }) =>
      Promise.resolve({
        ...COVERED,
        from: '2026-11-21T14:30:00.000Z',
        to: '2026-11-21T14:32:00.000Z',
        step_ms: 60_000,
        series:
          of === 'requests'
            ? Object.fromEntries(requests.map(({ outcome }) => [outcome, [0, 1_203]]))
            : Object.fromEntries(logs.map((row) => [row.service, [1, 2]])),
      }),
    async *tail() {
      for (const row of logs) yield { kind: 'log', row } as const
    },
    ...more,
  })
}

export function requestRow(fields: Partial<RequestRow> = {}): RequestRow {
  return {
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    span_id: '00f067aa0ba902b7',
    started_at: '2026-11-21T14:32:06.981Z',
    duration_ms: 41.2,
    outcome: 'error',
    method: 'GET',
    path: '/api/cart',
    status: 500,
    error_type: 'TypeError',
    error_message: 'cart is undefined',
    services: ['lb', 'web', 'cache'],
    counts: { spans: 4, inferred: 1, logs: 3, errors: 1, recovered: 0 },
    strip: [],
    ...fields,
  }
}
