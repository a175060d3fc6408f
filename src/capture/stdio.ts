/**
 * What does the application write to standard output and standard error? Heard at the one `write` of each stream, for all who want it.
 *
 * Replaced when the first user comes, put back when the last one goes. What is written, returned and called back is the stream's own; the
 * users are told afterwards, in the same call. Below our frame is Node's own code only, unless the application has put another
 * `write` there.
 */
import { guarded, safely } from '../diag/guarded.ts'

export interface StdioWrite {
  readonly stream: 'stdout' | 'stderr'
  readonly chunk: string | Uint8Array
  /** Of a text that is none of UTF-8: `base64`, `latin1`; `undefined`: the stream's. */
  readonly encoding: string | undefined
}

export type OnStdioWrite = (write: StdioWrite) => void

const users = new Set<OnStdioWrite>()
let restore: (() => void) | undefined

/** @returns ends it; twice is harmless */
export function hearStdio(onWrite: OnStdioWrite): () => void {
  const user = guarded('standard output', onWrite) as OnStdioWrite
  users.add(user)
  restore ??= replaceBoth()
  return () => {
    if (!users.delete(user) || users.size > 0) return
    restore?.()
    restore = undefined
  }
}

function replaceBoth(): () => void {
  const undo = (['stdout', 'stderr'] as const).map((name) => safely(`process.${name}`, () => replaceWrite(name)))
  return () => {
    for (const step of undo) step?.()
  }
}

type Write = (this: unknown, ...args: unknown[]) => unknown

function replaceWrite(name: 'stdout' | 'stderr'): () => void {
  const stream = process[name] as unknown as { write: Write }
  const own = Object.getOwnPropertyDescriptor(stream, 'write')
  const original = stream.write
  function replaced(this: unknown, ...args: unknown[]): unknown {
    let result: unknown
    try {
      result = Reflect.apply(original, this, args)
    } catch (error) {
      throw withoutOurFrame(error)
    }
    if (this === stream) tell(name, args)
    return result
  }
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(replaced, key, { value: original[key], configurable: true })
  }
  Object.defineProperty(stream, 'write', {
    value: replaced,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  })
  return () => {
    // Somebody has put another there, which calls ours: it goes on doing nothing.
    if (stream.write !== replaced) return
    if (own === undefined) Reflect.deleteProperty(stream, 'write')
    else Object.defineProperty(stream, 'write', own)
  }
}

function tell(stream: StdioWrite['stream'], [chunk, encoding]: readonly unknown[]): void {
  if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return
  const write = { stream, chunk, encoding: typeof encoding === 'string' ? encoding : undefined }
  for (const user of users) user(write)
}

/** Node refuses what is no text and no bytes: its error names those who called. */
function withoutOurFrame(error: unknown): unknown {
  safely('standard output', () => {
    if (!(error instanceof Error) || typeof error.stack !== 'string') return
    const lines = error.stack.split('\n')
    const ours = lines.findIndex((line) => line.includes(import.meta.url.slice('file://'.length)))
    if (ours > 0) error.stack = lines.toSpliced(ours, 1).join('\n')
  })
  return error
}
