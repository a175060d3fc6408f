/**
 * Lines of pino and bunyan below their level in the dump of a request that failed: one program beside each version, as CommonJS and ESM,
 * on three Nodes. The loggers print what they print alone.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { libraryProgram, libraryVersion, type LibrarySet } from '../support/libraries.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../support/receiver.ts'

interface Run {
  readonly library: 'pino' | 'bunyan'
  readonly set: LibrarySet
  readonly module: 'cjs' | 'mjs'
  /** Index of the Node. */
  readonly node: number
}

const RUNS: readonly Run[] = (['pino', 'bunyan'] as const).flatMap((library): Run[] => [
  { library, set: 'oldest', module: 'cjs', node: 0 },
  { library, set: 'oldest', module: 'mjs', node: 2 },
  { library, set: 'between', module: 'mjs', node: 1 },
  { library, set: 'newest', module: 'cjs', node: 2 },
  { library, set: 'newest', module: 'mjs', node: 0 },
])

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

async function run({ library, set, module, node }: Run, env: Readonly<Record<string, string>> = {}) {
  const before = receiver.receivedLogs.length
  const end = await runChild(libraryProgram(`recorder/below.${module}`, set), {
    args: [library],
    flushesAtEnd: true,
    node: nodeBinary(NODE_VERSIONS[node]!),
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      TRACELOG_ACCESS: 'off',
      TRACELOG_RECORDER: 'on',
      TRACELOG_BUNYAN_ALL: 'on',
      ...env,
    },
  })
  expect({ code: end.code, stderr: end.stderr }).toEqual({ code: 0, stderr: '' })
  const logs = receiver.receivedLogs
    .slice(before)
    .toSorted((a, b) => Number(a.record.attributes['tracelog.seq']) - Number(b.record.attributes['tracelog.seq']))
  return { seen: JSON.parse(end.stdout) as object, logs }
}

const bodies = (logs: readonly ReceivedLog[]): unknown[] => logs.map(({ record }) => record.body)
const only = (logs: readonly ReceivedLog[], body: string): ReceivedLog =>
  logs.find(({ record }) => record.body === body)!

const PRINTED = ['info good', 'info fail', 'failed fail']

describe.each(RUNS.map((each) => ({ ...each, version: libraryVersion(each.library, each.set)! })))(
  '$library $version, $module, Node $node',
  (each) => {
    test('the failed request has all its lines, the good one those of its level, and nothing more is printed', async () => {
      const { seen, logs } = await run(each)
      expect(bodies(logs)).toEqual([
        'info good',
        'info fail',
        '3 records kept below the level',
        'begin fail',
        'looked up fail',
        'counted fail',
        'failed fail',
        'after fail',
      ])
      expect(seen).toEqual({ printed: PRINTED, level: ['info', false] })
      const { record, scope } = only(logs, 'looked up fail')
      expect(scope.name).toBe('shop')
      expect(record).toMatchObject({
        severityNumber: 5,
        severityText: 'debug',
        traceId: only(logs, 'failed fail').record.traceId,
        attributes: { n: 1, password: '[redacted]', user: { id: 7 }, 'tracelog.buffered': true },
      })
      expect(only(logs, 'counted fail').record.attributes).toMatchObject({ component: 'stock', left: 3 })
      expect(only(logs, 'after fail').record.severityNumber).toBe(1)
    })
  },
)

test('bunyan is heard below its level only where TRACELOG_BUNYAN_ALL asks for it', async () => {
  const { logs } = await run(
    RUNS.findLast(({ library }) => library === 'bunyan')!,
    { TRACELOG_BUNYAN_ALL: 'off' },
  )
  expect(bodies(logs)).toEqual(PRINTED)
})
