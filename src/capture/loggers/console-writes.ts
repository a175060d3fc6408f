/**
 * What does a Console hand to its stream? Heard at the one method through which all its methods write, of all Consoles.
 *
 * The method is looked up before the arguments are formatted, so an accessor there knows the call that Node's channels
 * `console.*` have just told of, and gives a function that gets the finished text. What formats runs once, by Console, and
 * with no frame of ours below it. One frame is below the stream's `write`: it is Node's own unless the application has put
 * another there.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import { guarded, safely } from '../../diag/guarded.ts'
import type { Kept, Verdict } from '../../record/levels.ts'
import { beginConsole, endConsole, isConsoleHeard } from './printed-lines.ts'

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const
/** `console.dir` prints without a word to the channels. */
export type ConsoleMethod = (typeof METHODS)[number] | 'dir'

export interface ConsoleWrite {
  readonly method: ConsoleMethod
  /** What it was called with; unknown of `dir`. */
  readonly args: readonly unknown[]
  /** Without the end of line and the indentation of groups. */
  readonly text: string
  /** What `judge` has answered. */
  readonly verdict: Kept
}

export interface ConsoleWritesOptions {
  /** Asked before anything is formatted. */
  readonly judge: (method: ConsoleMethod) => Verdict
  readonly onWrite: (write: ConsoleWrite) => void
}

type WriteToConsole = (this: unknown, ...args: unknown[]) => unknown
type Call = Omit<ConsoleWrite, 'text' | 'verdict'>

/** @returns ends it, or `undefined` on a Node whose Console writes in another way */
export function hearConsoles(options: ConsoleWritesOptions): (() => void) | undefined {
  const nodeConsole = process.getBuiltinModule('node:console')
  const { Console } = nodeConsole
  const key = Object.getOwnPropertySymbols(Console.prototype).find((one) => one.description === 'kWriteToConsole')
  if (key === undefined) return undefined
  /** The call that the channel has told of, until its text is made. */
  let called: Call | undefined
  const onWrite = guarded('console', options.onWrite)

  const subscribers = METHODS.map((method) => {
    const listener = guarded(`console.${method}`, (args: unknown[]) => (called = { method, args }))
    subscribe(`console.${method}`, listener)
    return () => unsubscribe(`console.${method}`, listener)
  })

  function tap(original: WriteToConsole): WriteToConsole {
    const call = called ?? { method: 'dir', args: [] }
    called = undefined
    const verdict = options.judge(call.method)
    const isHeard = isConsoleHeard()
    if (verdict === 'drop' && !isHeard) return original
    return function writeToConsole(this: unknown, ...args: unknown[]) {
      const [, text] = args
      if (typeof text === 'string' && verdict !== 'drop') onWrite.call(undefined, { ...call, text, verdict })
      if (!isHeard) return Reflect.apply(original, this, args)
      beginConsole()
      try {
        return Reflect.apply(original, this, args)
      } finally {
        endConsole()
      }
    }
  }
  // The global one has copies of the prototype's methods.
  const undo = [Console.prototype as object, nodeConsole].map((owner) => replaceByAccessor(owner, key, tap))
  return () => {
    for (const step of [...subscribers, ...undo]) step()
  }
}

function replaceByAccessor(owner: object, key: symbol, tap: (original: WriteToConsole) => WriteToConsole): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key)
  const original: unknown = descriptor?.value
  if (descriptor?.configurable !== true || typeof original !== 'function') return () => {}
  Object.defineProperty(owner, key, {
    configurable: true,
    enumerable: false,
    get: () => safely('console', () => tap(original as WriteToConsole)) ?? original,
    set(this: object, value: unknown) {
      Object.defineProperty(this, key, { value, configurable: true, enumerable: false, writable: true })
    },
  })
  return () => Object.defineProperty(owner, key, descriptor)
}
