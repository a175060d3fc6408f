/**
 * What does our own member of `tracestate` say? `tracelog=d:1;p:3.2;r:<span id>.<span id>`, for trusted peers only.
 *
 * Parts joined by `;`, each `<letter>:<value>`: `d:1` a dump is asked for, `p` the task's path, `r` the request's path
 * (span ids of the server spans, the first service's first). At most 256 characters. Unknown letters are passed on; a
 * malformed member is ignored whole.
 */
import { isSpanId } from './trace-context.ts'

export interface TracelogMember {
  /** `d:1`. */
  readonly isDumpAsked: boolean
  /** `3.2`: numbers joined by dots; `''` when there is none. */
  readonly taskPath: string
  /** Span ids, the first service's first. */
  readonly requestPath: readonly string[]
  /** Parts that this version does not know, as they came. */
  readonly others: readonly string[]
}

export const EMPTY_MEMBER: TracelogMember = { isDumpAsked: false, taskPath: '', requestPath: [], others: [] }

/** Characters of the value. Source: spec, hops; also W3C's limit of a tracestate value. */
export const MAX_MEMBER_LENGTH = 256

const PART = /^([a-z]):([\x21-\x2b\x2d-\x3a\x3c\x3e-\x7e]+)$/
const TASK_PATH = /^\d{1,9}(?:\.\d{1,9})*$/

/** Reads the member's value; `undefined` when it is malformed. */
export function parseTracelogMember(value: string): TracelogMember | undefined {
  if (value.length > MAX_MEMBER_LENGTH) return undefined
  let member = EMPTY_MEMBER
  const letters = new Set<string>()
  for (const part of value.split(';')) {
    const [, letter = '', content = ''] = PART.exec(part) ?? []
    const next = letters.has(letter) ? undefined : withPart(member, letter, content)
    if (next === undefined) return undefined
    letters.add(letter)
    member = next
  }
  return member
}

function withPart(member: TracelogMember, letter: string, content: string): TracelogMember | undefined {
  switch (letter) {
    case '':
      return undefined
    case 'd':
      return content === '1' ? { ...member, isDumpAsked: true } : undefined
    case 'p':
      return TASK_PATH.test(content) ? { ...member, taskPath: content } : undefined
    case 'r': {
      const ids = content.split('.')
      return ids.every(isSpanId) ? { ...member, requestPath: ids } : undefined
    }
    default:
      return { ...member, others: [...member.others, `${letter}:${content}`] }
  }
}

/**
 * The member's value, `''` when it says nothing. Where 256 characters do not hold it all, the oldest ids of the request's
 * path go first, then unknown parts, then the task's path: a dump that was asked for is never left out.
 */
export function formatTracelogMember(member: TracelogMember): string {
  const dump = member.isDumpAsked ? ['d:1'] : []
  const task = member.taskPath === '' ? [] : [`p:${member.taskPath}`]
  for (const fixed of [[...dump, ...task, ...member.others], [...dump, ...task], dump]) {
    const text = fixed.join(';')
    if (text.length <= MAX_MEMBER_LENGTH) return withRequestPath(text, member.requestPath)
  }
  return ''
}

/** `r:` and each id with the dot after it. */
const ID_LENGTH = 17

function withRequestPath(text: string, ids: readonly string[]): string {
  const before = text === '' ? '' : `${text};`
  const room = Math.floor((MAX_MEMBER_LENGTH - before.length - 'r:'.length + 1) / ID_LENGTH)
  if (room < 1 || ids.length === 0) return text
  return `${before}r:${ids.slice(-room).join('.')}`
}
