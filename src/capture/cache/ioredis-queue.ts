/**
 * ioredis' commands that never reach a server: its channels announce a command when it is written, so one that waits for a
 * connection and is given up, or is refused at once, would leave nothing behind.
 *
 * Accessors on Command.prototype see each command made (`isTraced = false`), written (`isTraced = true`: from here on the
 * channels tell) and its `reject`, which is called by ioredis with an error that exists already: no frame of ours in it.
 * Promises are not touched, so that an unhandled rejection stays one.
 */
import { context as contextApi } from '@opentelemetry/api'

import { monotonicMillis } from '../../diag/clock.ts'
import { safely } from '../../diag/guarded.ts'
import { watchModule } from '../module-hooks.ts'
import type { CacheCaller } from './cache-hop.ts'

/** What of ioredis' Command is read. */
export interface IoredisCommand {
  readonly name: string
  readonly args: readonly unknown[]
}
type Reject = (error: unknown) => void

/** A constructor that returns its argument: a private field of a subclass is put onto that, which nobody else sees (emitter-state.ts). */
// oxlint-disable-next-line typescript/no-extraneous-class -- only a class can be extended
class Itself {
  constructor(command: object) {
    // oxlint-disable-next-line no-constructor-return -- this is what it is for
    return command
  }
}

/** What we know of a command, on the command. */
class Note extends Itself {
  /** What `isTraced` holds. */
  #isTraced = false
  /** Who asked for it; until it is written. */
  #caller: CacheCaller | undefined

  static isTraced(command: object): boolean {
    return #isTraced in command && command.#isTraced
  }

  static callerOf(command: object): CacheCaller | undefined {
    return #caller in command ? command.#caller : undefined
  }

  static set(command: object, isTraced: boolean, caller: CacheCaller | undefined): void {
    const noted = #caller in command ? command : new Note(command)
    noted.#isTraced = isTraced
    noted.#caller = caller
  }
}

export interface IoredisQueue {
  /** Who asked for the command that is being announced now; only the first call after it is written answers. */
  takeCaller(): CacheCaller | undefined
  disable(): void
}

/** @param onRejected  a command has failed that was never announced */
export function watchIoredisQueue(
  onRejected: (command: IoredisCommand, error: unknown, caller: CacheCaller) => void,
): IoredisQueue {
  let written: CacheCaller | undefined
  const undo: (() => void)[] = []
  const onWritten = (caller: CacheCaller | undefined) => (written = caller)
  const onLoad = (exports: unknown) => {
    const { prototype } = (exports as { default?: { prototype?: object } }).default ?? {}
    if (prototype === undefined) return
    watchTraced(prototype, onWritten)
    watchReject(prototype, onRejected)
    undo.push(() => ['isTraced', 'reject'].forEach((name) => Reflect.deleteProperty(prototype, name)))
  }
  undo.push(watchModule({ package: 'ioredis', file: 'built/Command.js', onLoad }))
  return {
    takeCaller() {
      const caller = written
      written = undefined
      return caller
    },
    disable() {
      for (const each of undo.splice(0)) each()
    },
  }
}

function watchTraced(prototype: object, onWritten: (caller: CacheCaller | undefined) => void): void {
  Object.defineProperty(prototype, 'isTraced', {
    configurable: true,
    get(this: object) {
      return Note.isTraced(this)
    },
    set(this: object, isTraced: boolean) {
      safely('ioredis', () => {
        if (isTraced) onWritten(Note.callerOf(this))
        const caller = isTraced ? undefined : { context: contextApi.active(), startedMillis: monotonicMillis() }
        Note.set(this, isTraced, caller)
      })
    },
  })
}

function watchReject(
  prototype: object,
  onRejected: (command: IoredisCommand, error: unknown, caller: CacheCaller) => void,
): void {
  Object.defineProperty(prototype, 'reject', {
    configurable: true,
    set(this: IoredisCommand, reject: Reject) {
      const value = (error: unknown) => {
        const caller = Note.callerOf(this)
        if (caller !== undefined) Note.set(this, Note.isTraced(this), undefined)
        reject(error)
        if (caller !== undefined) safely('ioredis command', () => onRejected(this, error, caller))
      }
      Object.defineProperty(this, 'reject', { value, configurable: true, enumerable: true, writable: true })
    },
  })
}
