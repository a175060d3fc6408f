/**
 * Where a reading command reads from: the local backend, Loki and Tempo, or a file.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'

import { readLokiConfig, readSourceName } from '../config/source-config.ts'
import { TracelogError } from '../diag/errors.ts'
import type { LogSource } from '../sources/log-source.ts'
import type { Invocation } from './command.ts'
import { findAgain, findBackend } from './find-backend.ts'
import { createLookBack } from './look-back.ts'
import { publishedAt } from './stack/ports.ts'

/** @throws TRACELOG_USAGE for a source that there is not; TRACELOG_BACKEND_UNREACHABLE when no local backend runs */
export async function openSource(invocation: Pick<Invocation, 'flags' | 'io'>): Promise<LogSource> {
  const { flags, io } = invocation
  const given = { source: flags.text('source'), loki: flags.text('loki'), tempo: flags.text('tempo') }
  const name = readSourceName(given, io.env)
  switch (name) {
    case 'local': {
      const { createLocalSource } = await import('../sources/local.ts')
      return createLocalSource(findBackend(invocation).address, () => findAgain(invocation))
    }
    case 'loki': {
      const { createLokiSource } = await import('../sources/loki.ts')
      const config = readLokiConfig(given, io.env, publishedAt(io.cwd, io.env))
      return createLokiSource({ ...config, lookBack: createLookBack(io.err) })
    }
    default: {
      const path = resolve(io.cwd, name)
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== false) throw noSource(name)
      const { createJsonlSource } = await import('../sources/jsonl.ts')
      return createJsonlSource({ path, name })
    }
  }
}

function noSource(name: string): TracelogError {
  return new TracelogError(`the source is "${name}", but must be local, loki or a file that is there`, {
    code: 'TRACELOG_USAGE',
    hint: 'Correct --source, or TRACELOG_SOURCE in the environment.',
  })
}
