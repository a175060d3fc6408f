/**
 * What one configuration file says, collected while it is read: a wrong value is a problem, and as if it were not there.
 */
import { TracelogError } from '../../diag/errors.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { invalid } from '../env.ts'
import { WrongNode, type ConfigNode } from './config-node.ts'
import { nameOfPlace, type FileSetting, type FileSettings, type Place } from './file-settings.ts'

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
