/** A tree takes time in proportion to its records, whatever paths they have: they come from outside. */
import { expect, test, vi } from 'vitest'

import { buildTree } from '../../src/tree/build-tree.ts'
import { taskTree } from '../../src/tree/task-tree.ts'
import { PLAIN_PAINT } from '../../src/tree/text/paint.ts'
import { textOfTrace } from '../../src/tree/text/render-trace.ts'
import { renderTree } from '../../src/tree/text/render-tree.ts'
import type { TraceLog } from '../../src/tree/trace-data.ts'
import { log, TRACE } from './trace-builder.ts'

// Processor time is measured: on a machine that is busy that is more by the clock.
vi.setConfig({ testTimeout: 120_000 })

const FEW = 1_000
const MANY = 8_000
/** So little time cannot be quadratic. Milliseconds. */
const FLOOR_MILLIS = 300
/** Eight times as many may take three times as long as eight times that. */
const MAX_RATIO = 24

const start = (i: number, path: string): TraceLog =>
  log({ span: `s${i}`, at: i, event: 'tracelog.task.start', body: 'x', attributes: { 'tracelog.task.path': path } })
const line = (i: number, path: string): TraceLog =>
  log({ span: `s${i}`, at: i, body: 'x', attributes: { 'tracelog.task.path': path } })

function millisOf(records: readonly TraceLog[]): number {
  const before = process.threadCpuUsage()
  const tree = buildTree({ traceId: TRACE, logs: records, spans: [] })
  renderTree(taskTree(tree!), { paint: PLAIN_PAINT, columns: undefined })
  textOfTrace(tree!)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

test.each<{ readonly of: string; readonly record: (i: number, count: number) => TraceLog }>([
  { of: 'roots', record: (i) => start(i, '1') },
  { of: 'children of one', record: (i) => start(i, i === 0 ? '1' : `${i + 1}/1`) },
  { of: 'one path', record: (i) => (i % 2 === 0 ? start(i, '3/2/1') : line(i, '3/2/7')) },
  { of: 'lines of spans that nobody sent, the last first', record: (i, count) => line(count - i, `5/${i + 1}`) },
  { of: 'deep paths whose tasks nobody sent', record: (i) => start(i, `${i}/${'1/'.repeat(100)}1`) },
])('many $of', ({ record }) => {
  const recordsOf = (count: number): TraceLog[] => Array.from({ length: count }, (_, i) => record(i, count))
  millisOf(recordsOf(FEW))
  const few = Math.min(...[0, 1, 2].map(() => millisOf(recordsOf(FEW))))
  const many = millisOf(recordsOf(MANY))
  expect(many).toBeLessThan(Math.max(FLOOR_MILLIS, few * MAX_RATIO))
})
