/**
 * Reads the backend until everything that the demo did is there, or nothing more comes.
 */
import type { LogRow, TraceTree } from '../../model/api.ts'
import type { LogSource } from '../../sources/log-source.ts'
import type { BalancerName } from './balancer.ts'
import type { PrintedLine, TrafficAnswer } from './seen.ts'
import { verifyRecords, type Verdict } from './verify-records.ts'
import { verifyTree, type TreeEvidence } from './verify-tree.ts'

/** So long nothing new may arrive before what is missing counts as lost. Milliseconds. */
export const PATIENCE_MILLIS = 10_000
export const POLL_MILLIS = 250
/** Trees asked for at the same time. */
const READERS = 4

export interface DemoSeen {
  readonly answers: readonly TrafficAnswer[]
  readonly printed: readonly PrintedLine[]
  readonly balancer: BalancerName
}

/** @returns the verdict over records and trees */
export async function checkDemo(source: LogSource, seen: DemoSeen): Promise<Verdict> {
  let rows: readonly LogRow[] = []
  let changedAt = performance.now()
  for (;;) {
    const before = rows.length
    rows = await readAll(source)
    if (rows.length !== before) changedAt = performance.now()
    const verdict = verifyRecords({ ...seen, rows })
    if (verdict.problems.length === 0) return await checkTrees(source, { seen, rows, verdict })
    if (performance.now() - changedAt > PATIENCE_MILLIS) return verdict
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
  }
}

/** All records that there are, oldest first. */
export async function readAll(source: LogSource): Promise<LogRow[]> {
  const rows: LogRow[] = []
  let cursor: string | null = null
  do {
    const page = await source.logs({ order: 'asc', limit: 5_000, ...(cursor === null ? {} : { cursor }) })
    for (const row of page.logs) rows.push(row)
    cursor = page.logs.length === 0 ? null : page.next_cursor
  } while (cursor !== null)
  return rows
}

interface TreeCheck {
  readonly seen: DemoSeen
  readonly rows: readonly LogRow[]
  readonly verdict: Verdict
}

async function checkTrees(source: LogSource, { seen, rows, verdict }: TreeCheck): Promise<Verdict> {
  const byTrace = Map.groupBy(rows, (row) => row.trace_id ?? '')
  const problems: string[] = []
  const pending = [...seen.answers]
  // One patience for all of them: what is missing for good is missing everywhere.
  const deadline = performance.now() + PATIENCE_MILLIS
  async function reader(): Promise<void> {
    for (let answer = pending.pop(); answer !== undefined; answer = pending.pop()) {
      const traceId = verdict.traces.get(answer.request_id) as string
      problems.push(
        ...(await treeProblems(source, answer, {
          traceId,
          records: byTrace.get(traceId) ?? [],
          balancer: seen.balancer,
          deadline,
        })),
      )
    }
  }
  await Promise.all(Array.from({ length: READERS }, reader))
  return { ...verdict, problems }
}

/** Spans arrive on their own way: a tree that is not whole yet gets the same patience. */
async function treeProblems(
  source: LogSource,
  answer: TrafficAnswer,
  { traceId, deadline, ...known }: Omit<TreeEvidence, 'tree'> & { readonly traceId: string; readonly deadline: number },
): Promise<string[]> {
  for (;;) {
    const tree: TraceTree | undefined = await source.trace(traceId)
    const problems = tree === undefined ? [`no tree for ${traceId}`] : verifyTree(answer, { tree, ...known })
    if (problems.length === 0 || performance.now() > deadline) return problems
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
  }
}
