/**
 * DuckDB is missing: may it be fetched, and how is that told?
 *
 * A terminal is asked; without one nothing is asked, and nothing fetched unless `--yes` says so.
 */
import { createInterface } from 'node:readline/promises'
import type { Readable } from 'node:stream'

import type { TracelogError } from '../../diag/errors.ts'
import { visibleLine } from '../../model/visible-text.ts'
import type { Invocation } from '../command.ts'
import { type Io, writeLine } from '../io.ts'
import { DUCKDB, fetchDuckdb, type FetchOptions } from './fetch-duckdb.ts'

/** Between two signs of life on a terminal. Milliseconds. */
const PROGRESS_MILLIS = 1_000

/**
 * Fetches it, if that is wanted.
 *
 * @param missing  what is thrown when it is not
 * @throws TRACELOG_DUCKDB_MISSING
 */
export async function offerDuckdb(
  { flags, io }: Pick<Invocation, 'flags' | 'io'>,
  missing: TracelogError,
  what: Pick<FetchOptions, 'version' | 'folder' | 'signal'>,
): Promise<void> {
  if (!flags.isSet('yes') && !(await isWanted(io, what.folder))) throw missing
  const started = performance.now()
  const progress = showProgress(io, `fetching ${DUCKDB} ${what.version} into ${visibleLine(what.folder)}`)
  try {
    await fetchDuckdb({ ...what, env: io.env })
  } finally {
    progress.end()
  }
  writeLine(io.err, `tracelog dev: fetched in ${((performance.now() - started) / 1_000).toFixed(1)} s`)
}

async function isWanted(io: Io, folder: string): Promise<boolean> {
  if (!io.err.isTerminal) return false
  // Touching it opens it: only where there is somebody to answer.
  if (!io.isInTerminal) return false
  const input = io.in as Readable
  writeLine(io.err, `tracelog dev needs DuckDB (${DUCKDB}, 71 MB), which is not installed.`)
  io.err.write(`Fetch it into ${visibleLine(folder)}, once for all projects? [Y/n] `)
  const lines = createInterface({ input })
  try {
    for await (const line of lines) return /^(?:y|yes|)$/i.test(line.trim())
    return false
  } finally {
    lines.close()
  }
}

interface Progress {
  end(): void
}

/** One line; on a terminal it counts seconds. */
function showProgress({ err }: Io, text: string): Progress {
  if (!err.isTerminal) {
    writeLine(err, `tracelog dev: ${text} (71 MB, once for all projects)`)
    return { end: () => undefined }
  }
  let seconds = 0
  const show = (): void => err.write(`\r${text} (71 MB) ... ${seconds++} s`)
  show()
  const timer = setInterval(show, PROGRESS_MILLIS)
  return {
    end() {
      clearInterval(timer)
      err.write('\n')
    },
  }
}
