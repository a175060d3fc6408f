/**
 * Keys that copy the request which the reader is at in the list, without opening it.
 */
import type { RequestRow, TraceTree } from '../../../model/api.ts'
import { ask } from '../api.ts'
import type { KeyBinding } from '../keys.ts'
import { copyLink, copyMarkdown, copyText } from '../request/copy.ts'
import { showRefusal } from '../view.ts'

export function copyKeys(current: () => RequestRow | undefined): KeyBinding[] {
  const withTree = (copy: (tree: TraceTree) => void) => () => {
    const row = current()
    if (row !== undefined) ask(`traces/${row.trace_id}`).then((tree) => copy(tree as TraceTree), showRefusal)
  }
  return [
    { keys: ['y'], says: 'copy as text', run: withTree(copyText) },
    { keys: ['Y'], says: 'copy as Markdown', run: withTree(copyMarkdown) },
    { keys: ['s'], says: 'copy a link', run: withTree((tree) => copyLink(tree)) },
  ]
}
