/**
 * What does an upgrade answer with? The first bytes that its socket writes: a status line, or nothing that we know.
 *
 * `_write` and `_writev` are where `write`, `end`, `pipe` and corked writes meet. Ours stand on the socket until the first of
 * them is called and go then, if they are still ours; `write` and `end`, which applications wrap, are left alone.
 */
import type { Duplex } from 'node:stream'

import { safely } from '../../diag/guarded.ts'

type Method = (...args: unknown[]) => unknown
const METHODS = ['_write', '_writev'] as const

/** @param first  called once, with the status of the answer; `undefined` when its first bytes are no status line */
export function watchFirstWrite(socket: Duplex, first: (status: number | undefined) => void): void {
  const methods = socket as unknown as Record<(typeof METHODS)[number], Method | null | undefined>
  const ours = new Map<string, Method>()
  const restore = () => {
    for (const [name, method] of ours) {
      if (Object.getOwnPropertyDescriptor(socket, name)?.value === method) Reflect.deleteProperty(socket, name)
    }
  }
  for (const name of METHODS) {
    const original = methods[name]
    if (typeof original !== 'function' || Object.hasOwn(socket, name)) continue
    const method: Method = function (this: unknown, ...args) {
      safely('first write', () => {
        restore()
        first(statusOf(args[0]))
      })
      return Reflect.apply(original, this, args)
    }
    ours.set(name, method)
    Object.defineProperty(socket, name, { value: method, configurable: true, writable: true, enumerable: false })
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
