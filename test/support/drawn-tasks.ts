/**
 * What `tracelog tree` draws of what a receiver has, without times: a line for each task, request and call, two blanks a level.
 */
import { rowTitle, taskNotes } from '../../src/model/row-words.ts'
import { buildTree } from '../../src/tree/build-tree.ts'
import { taskTree } from '../../src/tree/task-tree.ts'
import { senderOf, type TraceLog, type TraceSpan } from '../../src/tree/trace-data.ts'
import type { ReceivedLog, ReceivedSpan } from './receiver.ts'

export interface Received {
  readonly receivedLogs: readonly ReceivedLog[]
  readonly receivedSpans: readonly ReceivedSpan[]
}

/** Of the only trace. @param from  what there is to build it from */
export function drawnTasks({ receivedLogs, receivedSpans }: Received, from: 'records' | 'spans' | 'both'): string[] {
  const logs = from === 'spans' ? [] : receivedLogs.map(toLog)
  const spans = from === 'records' ? [] : receivedSpans.map(toSpan)
  const traceId = logs[0]?.record.traceId ?? spans[0]?.span.traceId ?? ''
  const tree = buildTree({ traceId, logs, spans })
  return (tree === undefined ? [] : taskTree(tree).nodes).map(({ depth, row }) => {
    const notes = taskNotes(row)
    const note = notes.length === 0 ? '' : ` (${notes.join(', ')})`
    return `${'  '.repeat(depth)}${row.service}: ${rowTitle(row)}${note}`
  })
}

const toLog = ({ record, scope, resource }: ReceivedLog, i: number): TraceLog => ({
  ...senderOf(resource),
  id: String(i),
  record,
  scope,
})
const toSpan = ({ span, resource }: ReceivedSpan): TraceSpan => ({ ...senderOf(resource), span })
