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
import { setHidden } from '../../diag/hidden-field.ts'
import { safely } from '../../diag/guarded.ts'
import { watchModule } from '../module-hooks.ts'
import type { CacheCaller } from './cache-hop.ts'

/** On a command: who asked for it; until it is written. */
const CALLER: unique symbol = Symbol.for('org.tracelog.ioredis-caller')
/** On a command: what `isTraced` holds. */
const TRACED: unique symbol = Symbol.for('org.tracelog.ioredis-traced')

/** What of ioredis' Command is read. */
export interface IoredisCommand {
  readonly name: string
  readonly args: readonly unknown[]
}
interface WatchedCommand extends IoredisCommand {
  [CALLER]?: CacheCaller | undefined
  [TRACED]?: boolean
}
type Reject = (error: unknown) => void

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
    get(this: WatchedCommand) {
      return this[TRACED] ?? false
    },
    set(this: WatchedCommand, isTraced: boolean) {
      setHidden(this, TRACED, isTraced)
      safely('ioredis', () => {
        if (isTraced) onWritten(this[CALLER])
        const caller = isTraced ? undefined : { context: contextApi.active(), startedMillis: monotonicMillis() }
        setHidden(this, CALLER, caller)
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
    set(this: WatchedCommand, reject: Reject) {
      const value = (error: unknown) => {
        const caller = this[CALLER]
        this[CALLER] = undefined
        reject(error)
        if (caller !== undefined) safely('ioredis command', () => onRejected(this, error, caller))
      }
      Object.defineProperty(this, 'reject', { value, configurable: true, enumerable: true, writable: true })
    },
  })
}
