/**
 * The files that a command was given to read, and those that they were rotated to.
 */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { TracelogError } from '../../diag/errors.ts'
import { fileBytes, type LineGroup, readLines } from '../../sources/files/read-lines.ts'
import { logFilesOf } from '../../sources/files/rotated-files.ts'
import type { Flags, FlagSpec } from '../command.ts'
import type { Io } from '../io.ts'
import type { Problems } from './problems.ts'

/** Of every command that reads files. */
export const FILE_FLAGS: Readonly<Record<string, FlagSpec>> = {
  alone: { type: 'boolean', help: 'only the named files, not those that they were rotated to' },
}

export interface InputFile {
  /** As messages name it. */
  readonly name: string
  /** `undefined`: standard input. */
  readonly path: string | undefined
  open(): AsyncIterable<Uint8Array>
}

/** In the order of reading, none twice: `logs*.jsonl` names rotated files too. Those that do not exist fail when opened. */
export function inputFiles(
  operands: readonly string[],
  { flags, io }: { readonly flags: Pick<Flags, 'isSet'>; readonly io: Io },
): InputFile[] {
  const inputs = new Map<string, InputFile>()
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    if (operand === '-') inputs.set('-', { name: 'standard input', path: undefined, open: () => io.in })
    else
      for (const name of namesOf(operand, { isAlone: flags.isSet('alone'), cwd: io.cwd })) {
        const path = resolve(io.cwd, name)
        if (!inputs.has(path)) inputs.set(path, { name, path, open: () => fileBytes(path) })
      }
  }
  return [...inputs.values()]
}

/** @returns also a name that is no file's: whoever opens it tells so */
function namesOf(operand: string, { isAlone, cwd }: { readonly isAlone: boolean; readonly cwd: string }): string[] {
  if (isAlone) return [operand]
  const path = resolve(cwd, operand)
  const rotated = logFilesOf(path)
    .map((file) => file.path)
    .filter((file) => file !== path)
  // As it was typed, so that messages can be recognised.
  const typed = operand.slice(0, operand.length - baseOf(operand).length)
  return [...rotated.map((file) => typed + baseOf(file)), operand]
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * The lines of a file.
 *
 * @yields until its end, or until it cannot be read: that is told. What the caller fails with is not
 */
export async function* readableLines(input: InputFile, problems: Problems): AsyncGenerator<LineGroup> {
  try {
    yield* readLines(input.open())
  } catch (error) {
    problems.tell(input.name, error)
  }
}

/**
 * The one file that `--follow` goes on with.
 *
 * @returns its absolute path. @throws TRACELOG_USAGE for none or several
 */
export function followedFile(operands: readonly string[], io: Io): string {
  const [path] = operands
  if (operands.length === 1 && path !== undefined && path !== '-') return resolveFollowed('FILE', path, io)
  throw new TracelogError('--follow is with no file or several, but must be with one', {
    code: 'TRACELOG_USAGE',
    hint: 'Name the file that is written to.',
  })
}

/**
 * A file to follow, which need not be there yet: a folder never becomes one.
 *
 * @param name  of the flag or operand. @returns its absolute path. @throws TRACELOG_USAGE
 */
export function resolveFollowed(name: string, typed: string, { cwd }: Pick<Io, 'cwd'>): string {
  const path = resolve(cwd, typed)
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  // Below a file there never will be one.
  const isBelowFile = statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() === false
  if (!isFolder && !isBelowFile) return path
  const why = isFolder ? 'that is a folder' : 'its folder is a file'
  throw new TracelogError(`${name} is "${typed}", but must be a file, and ${why}`, {
    code: 'TRACELOG_USAGE',
    hint: 'Name the file that is written to.',
  })
}

/** Whether a file is one of those that are read. */
export function isOneOf(path: string, inputs: readonly InputFile[]): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return false
  return inputs.some((input) => {
    const other = input.path === undefined ? undefined : statSync(input.path, { throwIfNoEntry: false })
    return other !== undefined && other.dev === stat.dev && other.ino === stat.ino
  })
}
