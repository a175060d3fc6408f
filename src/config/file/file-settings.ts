/**
 * What configuration files say, in the words of the environment: each setting as the variable that it stands for, with its place.
 */
import { TracelogError } from '../../diag/errors.ts'
import type { Attributes } from '../../model/any-value.ts'
import type { Env } from '../env.ts'

/** Where a setting stands. */
export interface Place {
  /** As people write it: `tracer_provider.processors[0].batch`. */
  readonly path: string
  readonly file: string
  readonly line: number
}

export interface FileSetting {
  readonly value: string
  readonly place: Place
}

export interface FileSettings {
  readonly variables: ReadonlyMap<string, FileSetting>
  /** With their types, which the text of a variable cannot have. */
  readonly resourceAttributes: Attributes
  /** False: a file that should be there could not be read, and what it says is unknown. */
  readonly isWhole: boolean
  /** What the file asks for and nobody here does. */
  readonly leftOut: readonly Place[]
  readonly problems: readonly TracelogError[]
}

export const NO_FILE_SETTINGS: FileSettings = {
  variables: new Map(),
  resourceAttributes: {},
  isWhole: true,
  leftOut: [],
  problems: [],
}

export interface ConfigFile {
  /** As people write it. */
  readonly shown: string
  readonly path: string
  /** The variable that names it; `undefined`: it is there or not, as it likes. */
  readonly variable: string | undefined
  readonly hasOtelSections: boolean
}

/** What dist/yaml.cjs does. Never throws. @param files  the weaker one first */
export type ReadFiles = (files: readonly ConfigFile[], env: Env) => FileSettings

/** A file that says nothing, because it cannot be read. */
export function unreadable({ shown }: ConfigFile, error: unknown): FileSettings {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  const options = { code: 'TRACELOG_CONFIG_INVALID', hint: 'Say it by environment variables.', cause: error } as const
  const problem =
    error instanceof TracelogError
      ? error
      : new TracelogError(`${shown} cannot be read: ${message}; nothing of the file is used`, options)
  return { ...NO_FILE_SETTINGS, isWhole: false, problems: [problem] }
}

/** `tracelog.level (tracelog.yaml:3)` */
export function nameOfPlace({ path, file, line }: Place): string {
  return `${path === '' ? 'the file' : path} (${file}:${line})`
}

/** A problem with a variable that stands for a setting of a file, told of the file. */
export function toldOfFile(problem: TracelogError, { variables }: FileSettings): TracelogError {
  for (const [name, { place }] of variables) {
    if (!problem.message.startsWith(`${name} is `)) continue
    const told = nameOfPlace(place)
    const { code, hint, cause } = problem
    return new TracelogError(`${told}${problem.message.slice(name.length)}`, {
      code,
      hint: hint.replaceAll(name, place.path),
      cause,
    })
  }
  return problem
}
