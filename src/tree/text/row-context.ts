/**
 * What does the rest of the tree say about a row? Found for all rows in one pass.
 */
import type { TreeRow } from '../../model/api.ts'

export interface RowContext {
  /** The service of the span above it: who reported an inferred row. */
  readonly parentService: string | undefined
  /** Whether a log row tells the same error: then the span's row need not. */
  readonly isErrorTold: boolean
}

/** One per row. */
export function rowContexts(rows: readonly TreeRow[]): RowContext[] {
  const told = new Set(rows.flatMap(({ kind, error }) => (kind === 'log' && error?.message ? [error.message] : [])))
  /** Spans that are open at this place, the outermost first. */
  const above: TreeRow[] = []
  return rows.map((row) => {
    while ((above.at(-1)?.depth ?? -1) >= row.depth) above.pop()
    const parentService = above.at(-1)?.service
    if (row.kind === 'span') above.push(row)
    return { parentService, isErrorTold: told.has(row.error?.message ?? '') }
  })
}

/** `inferred`, `seen from web only`; `''` for a row that was received, and for a task, which tells of itself. */
export function inferredWords(row: TreeRow, parentService: string | undefined): string {
  if (row.inferred !== true || row.task !== undefined) return ''
  const isOwnAccount = row.component === 'http_server' || row.component === 'load_balancer'
  if (isOwnAccount || parentService === undefined || parentService === row.service) return 'inferred'
  return `seen from ${parentService} only`
}
