/**
 * Everything that the view of one request knows of its trace, made once per answer of the backend.
 */
import type { TraceTree, TreeRow } from '../../../model/api.ts'
import { criticalPath, type CriticalPart } from '../../../tree/critical-path.ts'
import { wholeMillisOf } from '../../../tree/text/render-trace.ts'
import { type RowContext, rowContexts } from '../../../tree/text/row-context.ts'
import { partsByRow } from './bars.ts'
import { type Outline, outlineOf } from './outline.ts'
import { type RowMarks, rowMarks } from './row-marks.ts'
import { sharedFields } from './shared-fields.ts'
import { startFolded } from './start-folded.ts'

export interface RequestModel {
  readonly tree: TraceTree
  readonly outline: Outline
  readonly marks: RowMarks
  readonly contexts: readonly RowContext[]
  readonly shared: ReadonlyMap<string, unknown>
  readonly path: readonly CriticalPart[]
  readonly parts: ReadonlyMap<number, readonly CriticalPart[]>
  /** Rows that start folded. */
  readonly folded: ReadonlySet<number>
  /** From the first happening to the last. Milliseconds. */
  readonly whole: number
}

export function requestModel(tree: TraceTree): RequestModel {
  const outline = outlineOf(tree.rows)
  const path = criticalPath(tree.rows)
  return {
    tree,
    outline,
    marks: rowMarks(outline, tree.skew),
    contexts: rowContexts(tree.rows),
    shared: sharedFields(tree.rows),
    path,
    parts: partsByRow(path),
    folded: startFolded(outline, path),
    whole: wholeMillisOf(tree),
  }
}

/** A row as the query language reads it: under the names of a flat line. */
export function rowForQuery({ tree }: RequestModel, row: TreeRow): Readonly<Record<string, unknown>> {
  return {
    ...row.fields,
    trace_id: tree.trace_id,
    span_id: row.span_id,
    service: row.service,
    level: row.level ?? 'INFO',
    message: [row.name, row.message, row.error?.type, row.error?.message]
      .filter((part) => part !== undefined)
      .join(' '),
    component: row.component,
    status: row.status,
    error_type: row.error?.type,
    error_message: row.error?.message,
  }
}
