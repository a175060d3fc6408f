/**
 * Has this line been told already? A logger whose transport ends in `console.log` would have its records captured twice.
 *
 * Decided by the call: the transport of a bridged logger is being given a record right now, and prints it. The same text at
 * any other moment is a line of its own, and so is another text at that moment.
 */

/** A record on its way into the transports of a logger. */
export interface Writing {
  /** Whether a transport is at it in this very call. */
  readonly isNow: () => boolean
  readonly message: unknown
  /** The finished line. */
  readonly line: unknown
}

interface OpenWriting extends Writing {
  /** A transport may log itself. */
  readonly outer: OpenWriting | undefined
}

let current: OpenWriting | undefined

/** A bridged logger is about to hand a record over. */
export function beginWriting(writing: Writing): void {
  while (current !== undefined && !current.isNow()) current = current.outer
  current = { ...writing, outer: current }
}

/** Whether a console's text is that of a record which is being written. */
export function isWritten(text: string): boolean {
  for (let writing = current; writing !== undefined; writing = writing.outer) {
    if (writing.isNow() && tells(writing, text)) return true
  }
  return false
}

function tells({ message, line }: Writing, text: string): boolean {
  if (text === line || text === message) return true
  return typeof message === 'string' && message !== '' && text.includes(message)
}
