/**
 * What of the files could not be read: the first ones are told, all are counted.
 */
import { writeJson, writeLine, type Io } from '../io.ts'
import { visibleLine } from '../../model/visible-text.ts'

/** More of them say nothing new. */
const TOLD = 20

export interface Problems {
  readonly count: number
  /** @param place  `file`, or `file:line` */
  tell(place: string, reason: unknown): void
}

/** Writes to standard error; with `asJson` one object per problem. */
export function createProblems(
  io: Io,
  { command, asJson }: { readonly command: string; readonly asJson: boolean },
): Problems {
  let count = 0
  return {
    get count() {
      return count
    },
    tell(place, reason) {
      count += 1
      if (count > TOLD) return
      const text = messageOf(reason)
      if (asJson) return writeJson(io.err, { error: { place, message: text } })
      writeLine(io.err, `tracelog ${command}: ${visibleLine(place)}: ${visibleLine(text)}`)
      if (count === TOLD) writeLine(io.err, `tracelog ${command}: further ones are only counted`)
    },
  }
}

/** `ENOENT: no such file or directory, open '/a/b'`: the place is named already. */
function messageOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason)
  const { code, message } = reason as NodeJS.ErrnoException
  return code !== undefined && message.startsWith(`${code}: `)
    ? message.slice(code.length + 2).replace(/, \w+(?: '.*')?$/, '')
    : message
}
