/**
 * What is said when a query has found nothing: that, and what may be wrong with it. On standard error, so that scripts are not
 * disturbed.
 */
import { readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

import { visibleLine } from '../model/visible-text.ts'
import type { LogSource } from '../sources/log-source.ts'
import { keysToLookFor, queryHints, type Sample } from '../sources/query-hints.ts'
import { writeLine, type Io } from './io.ts'

/** Newest records whose keys are looked at. */
const SAMPLED = 200

export interface EmptyAnswer {
  readonly command: string
  readonly text: string
  readonly sample: Sample
}

export function tellNothingFound(io: Io, { command, text, sample }: EmptyAnswer): void {
  writeLine(io.err, `tracelog ${command}: nothing found`)
  const hints = queryHints(text, sample)
  for (const hint of hints) writeLine(io.err, `  ${visibleLine(hint)}`)
  // `level>=warn` without quotes has made one.
  const made = hints.length > 0 && !io.out.isTerminal ? fileOfShell(io.cwd) : undefined
  if (made !== undefined) writeLine(io.err, `  The shell has made the file ${JSON.stringify(made)} here for it.`)
}

/** The keys of the newest records, if the query asks for any that is not known without. */
export async function sampleOf(source: LogSource, text: string): Promise<Sample> {
  const nothing = { keys: new Set<string>(), records: 0 }
  if (keysToLookFor(text).length === 0) return nothing
  try {
    const { logs } = await source.logs({ limit: SAMPLED, order: 'desc' })
    return { keys: new Set(logs.flatMap((row) => Object.keys(row))), records: logs.length }
  } catch {
    // A hint is not worth another error.
    return nothing
  }
}

/** Whether an operand that stands for query text names a file. */
export function isFileHere(operand: string, io: Io): boolean {
  return statSync(resolve(io.cwd, operand), { throwIfNoEntry: false })?.isFile() === true
}

function fileOfShell(cwd: string): string | undefined {
  try {
    return readdirSync(cwd).find((name) => name.startsWith('='))
  } catch {
    return undefined
  }
}
