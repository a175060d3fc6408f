/**
 * Two requests side by side, of a source that can list requests and read one: for sources without an API of ours.
 */
import type { TreeDiff } from '../model/api.ts'
import { findBaseline } from '../query-text/like-request.ts'
import { diffTrees } from '../tree/diff.ts'
import type { SourceOperations } from './log-source.ts'

type Readable = Pick<SourceOperations, 'requests' | 'trace'>

/** What such a source answers of comparisons, and all else as before. */
export function comparing<T extends Readable>(source: T): T & Pick<SourceOperations, 'diff' | 'baseline'> {
  const requests = async (text: string, limit: number) => (await source.requests({ text, limit })).requests
  return {
    ...source,
    diff: async (a, b) => await diffOf(source, a, b),
    baseline: async (idOrPrefix) => await findBaseline({ trace: source.trace, requests }, idOrPrefix),
  }
}

async function diffOf({ trace }: Readable, a: string, b: string): Promise<TreeDiff | undefined> {
  const first = await trace(a)
  // One after the other: a source may be one that reads a file from its beginning.
  const second = first === undefined ? undefined : await trace(b)
  return first === undefined || second === undefined ? undefined : diffTrees(first, second)
}
