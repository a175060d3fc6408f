/**
 * What does an upgrade answer with? The first bytes that its socket writes: a status line, or nothing that we know.
 *
 * `_write` and `_writev` are where `write`, `end`, `pipe` and corked writes meet; `write` and `end`, which applications wrap,
 * are left alone. On the prototype of Node's sockets both are accessors, which hand back a function of ours for one call; so
 * nothing is put on a socket. (A property that comes and goes made each a dictionary of 3 KB.)
 */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { emitterState, ensureEmitterState } from '../../context/emitter-state.ts'
import { safely } from '../../diag/guarded.ts'

type Method = (...args: unknown[]) => unknown
const METHODS = ['_write', '_writev'] as const

/** @param first  called once, with the status of the answer; `undefined` when its first bytes are no status line */
export function watchFirstWrite(socket: Duplex, first: (status: number | undefined) => void): void {
  // Of other streams (a test's, another library's) only Node's own way through Duplex is known: an accessor of their own.
  watchWrites(socket instanceof Socket ? Socket.prototype : socket)
  ensureEmitterState(socket).onFirstWrite = (written) => first(statusOf(written))
}

/** On a prototype or stream: its writes are watched. */
const WATCHED: unique symbol = Symbol.for('org.tracelog.watched-writes')

function watchWrites(target: object): void {
  if (Object.hasOwn(target, WATCHED)) return
  Object.defineProperty(target, WATCHED, { value: true, configurable: true })
  for (const name of METHODS) {
    const original = (target as Record<string, unknown>)[name]
    if (typeof original !== 'function') continue
    Object.defineProperty(target, name, {
      configurable: true,
      get(this: object) {
        return emitterState(this)?.onFirstWrite === undefined ? original : tellingFirst(original as Method)
      },
      set(this: object, value: unknown) {
        Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true })
      },
    })
  }
}

/** Tells, and writes as ever. */
function tellingFirst(original: Method): Method {
  return function (this: object, ...args) {
    const state = emitterState(this)
    const tell = state?.onFirstWrite
    if (state !== undefined) state.onFirstWrite = undefined
    if (tell !== undefined) safely('first write', () => tell(args[0]))
    return Reflect.apply(original, this, args)
  }
}

/** @param written  text or bytes, or Node's list of such of corked writes */
function statusOf(written: unknown): number | undefined {
  if (Array.isArray(written)) return statusOf((written[0] as { chunk?: unknown } | undefined)?.chunk)
  const isBytes = written instanceof Uint8Array
  const line =
    typeof written === 'string' ? written : isBytes ? Buffer.from(written.subarray(0, 32)).toString('latin1') : ''
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1]
  return status === undefined ? undefined : Number(status)
}
