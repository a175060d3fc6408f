/**
 * What configuration files say, in the words of the environment: each setting as the variable that it stands for, with its place.
 */
import { TracelogError } from '../../diag/errors.ts'
import type { AnyValue, Attributes } from '../../model/any-value.ts'
import { invalid } from '../env.ts'
import { WrongNode, type ConfigNode, type Place } from './config-node.ts'

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

/** Collects while a file is read. */
export class SettingsOfFile implements FileSettings {
  readonly variables: Map<string, FileSetting> = new Map()
  readonly resourceAttributes: Record<string, AnyValue> = {}
  readonly isWhole = true
  readonly leftOut: Place[] = []
  readonly problems: TracelogError[] = []

  /** Nothing there: nothing said. */
  set(name: string, node: ConfigNode | undefined): void {
    const value = node && this.attempt(() => node.text())
    if (node !== undefined && value !== undefined) this.put(name, value, node.place)
  }

  put(name: string, value: string, place: Place): void {
    this.variables.set(name, { value, place })
  }

  /** Named in the file, and not done: told, with all that is below it. */
  leaveOut(node: ConfigNode): void {
    node.take()
    this.leftOut.push(node.place)
  }

  /** A wrong value is a problem, and as if it were not there. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (error instanceof WrongNode) this.problems.push(invalid(nameOfPlace(error.place), error.shown, error.rule))
      else if (error instanceof TracelogError) this.problems.push(error)
      else throw error
      return undefined
    }
  }
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
