/**
 * Has a file changed? Looked at once a second, asynchronously, by inode, time and size; no process lives for it.
 *
 * No `fs.watch`: it does not see Kubernetes swap the link that a ConfigMap's files lie behind, and a file need not be there yet.
 */
import { stat } from 'node:fs'

import { guarded, safely } from '../diag/guarded.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'

export interface WatchFilesOptions {
  /** Asked each time: the user of a process may change, and with it the folder. */
  readonly paths: () => readonly string[]
  /** At the first look, and whenever one of them is another file than before, is there now, or is there no longer. */
  readonly onChange: () => void
  /** At each look, after `onChange`. */
  readonly onLook: () => void
  /** What the timer runs in: outside of every request. */
  readonly detached: (run: () => void) => void
}

/** Between two looks. Milliseconds. Source: spec, pipeline, step 1. */
const PERIOD_MILLIS = 1000
const SEAM = 'the level files'

/** @returns ends it */
export function watchFiles({ paths, onChange, onLook, detached }: WatchFilesOptions): () => void {
  let timer: NodeJS.Timeout | undefined
  let hasStopped = false
  let seen: string | undefined

  function onFound(found: string): void {
    if (hasStopped) return
    if (seen !== found) safely(SEAM, onChange)
    seen = found
    safely(SEAM, onLook)
    wait()
  }
  function wait(): void {
    timer = startTimer(() => lookAt(paths(), onFound), PERIOD_MILLIS).unref()
  }
  detached(wait)
  return () => {
    hasStopped = true
    if (timer !== undefined) stopTimer(timer)
  }
}

/** One file after the other: one place in the pool of threads is enough. */
function lookAt([path, ...rest]: readonly string[], done: (found: string) => void, before = ''): void {
  if (path === undefined) return done(before)
  const next = guarded(SEAM, (error: NodeJS.ErrnoException | null, stats?: StatsOfFile) =>
    lookAt(rest, done, `${before}${path} ${stats === undefined ? error?.code : fingerprint(stats)}\n`),
  )
  try {
    stat(path, { bigint: true }, next)
  } catch (error) {
    // What a permission model forbids is thrown at once.
    next(error)
  }
}

interface StatsOfFile {
  readonly ino: bigint
  readonly mtimeNs: bigint
  readonly size: bigint
}

function fingerprint({ ino, mtimeNs, size }: StatsOfFile): string {
  return `${ino} ${mtimeNs} ${size}`
}
