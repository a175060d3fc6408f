/**
 * What is written to a file from now on, across its rotations.
 */
import { compileMatcher } from '../../query-text/match.ts'
import { followLines } from '../files/follow-lines.ts'
import type { TailEvent, TailOptions } from '../log-source.ts'
import { createEntryReader } from './read-entries.ts'

/** @yields each record that matches, once */
export async function* jsonlTail(path: string, text: string, options: TailOptions): AsyncGenerator<TailEvent> {
  const { signal, onOpen } = options
  // A wrong query is said before anything is read.
  const matches = compileMatcher(text)
  const reader = createEntryReader(path)
  const groups = followLines(path, { signal, from: 'end', ...(onOpen === undefined ? {} : { onOpen }) })
  for await (const group of groups) {
    for (const entry of reader.read(group.inode, group).entries) {
      if (matches(entry.fields)) yield { kind: 'log', row: entry.row() }
    }
  }
}
