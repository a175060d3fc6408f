/**
 * What is a closure within a library's function given, when nothing hands it out and nothing of ours may be in the stack while it runs?
 * The function is compiled once more, from its own text, with one call of ours after an opening brace: that call has returned when the
 * next line runs. Name, file, line and column of its frames stay the library's.
 *
 * Only for functions that use nothing of their file's own scope, which they would not find: a function that holds a word which nobody
 * looked at is left alone, so that a later version of the library loses what we tell of it and nothing else.
 */
import { readFileSync } from 'node:fs'
import { compileFunction } from 'node:vm'

export interface InsertedCall {
  /** The file that the function was read from. */
  readonly path: string
  /** Its group is the brace's parameter to tell, its end is where the call goes; nothing may be called on that line. */
  readonly before: RegExp
  /** The words that the function may be made of, with a blank between: its own names, members, keywords, globals. None is a name of its file. */
  readonly words: string
  /** Called with what the parameter holds. Never throws. */
  readonly tell: (value: unknown) => void
}

const TELL = 'tracelogTell'
const HEAD = `'use strict';return `

/** @returns `undefined`: the text is not where it should be, there is no such brace in it, or a word that is not known */
export function withInsertedCall<F extends (...args: never[]) => unknown>(
  original: F,
  { path, before, words, tell }: InsertedCall,
): F | undefined {
  const text = Function.prototype.toString.call(original)
  const brace = before.exec(text)
  const file = readFileSync(path, 'utf8')
  const at = file.indexOf(text)
  if (brace === null || at < 0 || !isMadeOf(text, words)) return undefined
  const end = brace.index + brace[0].length
  const lines = file.slice(0, at).split('\n')
  const make = compileFunction(`${HEAD}${text.slice(0, end)}${TELL}(${brace[1]});${text.slice(end)}`, [TELL], {
    filename: path,
    lineOffset: lines.length - 1,
    columnOffset: (lines.at(-1)?.length ?? 0) - HEAD.length,
  }) as (tell: InsertedCall['tell']) => F
  return make(tell)
}

/** Words of texts and of what is left of comments count too: too strict is harmless. */
function isMadeOf(text: string, words: string): boolean {
  const known = new Set(words.split(' '))
  const found = text.replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '').match(/[\w$\u0080-\uffff]+/g) ?? []
  return found.every((word) => known.has(word) || /^\d+$/.test(word))
}
