/**
 * What can be done with a comparison: its keys (`?` tells them), what opens, what is copied.
 */
import type { TreeDiff } from '../../../model/api.ts'
import { textOfDiff } from '../../../tree/text/render-diff.ts'
import type { KeyBinding } from '../keys.ts'
import { copyAs } from '../request/copy.ts'
import type { RowList } from '../rows.ts'
import { change, openAddress, param } from '../state.ts'
import { type CompareLine, isDifferent } from './lines.ts'
import { compareAddress } from './open-compare.ts'

export interface Shown {
  readonly lines: () => readonly CompareLine[]
  readonly diff: () => TreeDiff | undefined
}

export function compareKeys(list: RowList<CompareLine>, { lines, diff }: Shown): KeyBinding[] {
  const seek = (by: 1 | -1): void => {
    const shown = lines()
    const from = list.current === undefined ? (by > 0 ? -1 : shown.length) : shown.indexOf(list.current)
    for (let at = from + by; at >= 0 && at < shown.length; at += by) {
      if (isDifferent(shown[at] as CompareLine)) return list.select(at)
    }
  }
  const withDiff = (run: (known: TreeDiff) => void) => () => {
    const known = diff()
    if (known !== undefined) run(known)
  }
  const fold = (wantsOpen: boolean) => () => {
    const { current } = list
    if (current?.kind === 'run' && current.isOpen !== wantsOpen) switchRun(current.from)
  }
  return [
    { keys: ['j', 'ArrowDown'], says: 'next row', run: () => list.step(1) },
    { keys: ['k', 'ArrowUp'], says: 'row before', run: () => list.step(-1) },
    { keys: ['Home'], says: 'first row', run: () => list.step(-Infinity) },
    { keys: ['End'], says: 'last row', run: () => list.step(Infinity) },
    { keys: ['e', 'n'], says: 'next difference', run: () => seek(1) },
    { keys: ['E', 'N'], says: 'difference before', run: () => seek(-1) },
    { keys: ['ArrowRight'], says: 'unfold', run: fold(true) },
    { keys: ['ArrowLeft'], says: 'fold', run: fold(false) },
    { keys: ['Enter'], says: 'unfold, or the row in its request', run: () => list.open() },
    { keys: ['Escape'], says: 'back to the request', run: withDiff(({ b }) => openAddress(`/traces/${b.trace_id}`)) },
    { keys: ['y'], says: 'copy as text', run: withDiff(copyDiff) },
    { keys: ['s'], says: 'copy a link', run: withDiff(copyAddress) },
  ]
}

/** Runs of rows that are as before and were opened: the address names their first rows. */
export function openedRuns(): ReadonlySet<number> {
  return new Set(
    param('fold')
      .split('~')
      .filter((text) => text !== '')
      .map(Number),
  )
}

function switchRun(from: number): void {
  const opened = new Set(openedRuns())
  if (!opened.delete(from)) opened.add(from)
  change({ fold: [...opened].join('~') }, { replaces: true })
}

/** A run opens; a row is shown in its own request. */
export function openLine(line: CompareLine, diff: TreeDiff | undefined): void {
  if (line.kind === 'run') return switchRun(line.from)
  if (diff === undefined) return
  const { a, b } = line.row
  const [trace, row] = b === undefined ? [diff.a, a] : [diff.b, b]
  const key = row?.log_id === undefined ? row?.span_id : `log-${row.log_id}`
  const params = new URLSearchParams(key === undefined ? {} : { row: key })
  openAddress(`/traces/${trace.trace_id}?${params.toString()}`)
}

export function copyDiff(diff: TreeDiff): void {
  copyAs(textOfDiff(diff), 'as text')
}

/** With both ids: the good one may be another by then. */
export function copyAddress({ a, b }: TreeDiff): void {
  copyAs(location.origin + compareAddress(b.trace_id, a.trace_id), 'a link')
}
