/**
 * Has this line been told already? A logger whose transport ends in `console.log` would have its records captured twice.
 *
 * Decided by the call: the transport of a bridged logger is being given a record right now, and prints it. The same text at
 * any other moment is a line of its own, and so is another text at that moment.
 */

/** Whoever hands records to transports: a logger, or one transport. */
export interface Printer {
  /** Whether a transport is at it in this very call. */
  readonly isPrinting: () => boolean
}

/** A record on its way into the transports. */
interface Writing {
  readonly printer: Printer
  readonly message: unknown
  /** The finished line. */
  readonly line: unknown
  /** A transport may log itself. */
  readonly outer: Writing | undefined
}

let current: Writing | undefined

/** A record is about to be handed over. */
export function beginWriting(printer: Printer, message: unknown, line: unknown): void {
  while (current !== undefined && !current.printer.isPrinting()) current = current.outer
  current = { printer, message, line, outer: current }
}

let lastLine = ''

/**
 * A logger has made this line, whose record is written, and hands it to its stream: whose stream may end in `console.log`.
 *
 * @param message  of the call, if it is a text
 */
export function lineMade(line: string, message: unknown): void {
  lastLine = line
  if (prettyStreams === 0) return
  madeLines.push(typeof message === 'string' ? message : '')
  if (madeLines.length > MAX_MADE_LINES) madeLines.shift()
}

/** Streams that print lines of a logger in another form, later: pino-pretty in this process. */
let prettyStreams = 0
/** The messages of lines that they have not printed yet; what lies below the level of such a stream it never prints. */
let madeLines: string[] = []
const MAX_MADE_LINES = 1_000

export function prettyStreamBegun(): void {
  prettyStreams++
}

/** Whether the text that such a stream prints is that of a line whose record is written. One without a message is the next one. */
export function isPrettyLine(text: string): boolean {
  const at = madeLines.findIndex((message) => message === '' || text.includes(message))
  if (at < 0) return false
  madeLines = madeLines.slice(at + 1)
  return true
}

/** Whether a console's text is that of a record which is being written. */
export function isWritten(text: string): boolean {
  if (isLastLine(text)) return true
  for (let writing = current; writing !== undefined; writing = writing.outer) {
    if (writing.printer.isPrinting() && tells(writing, text)) return true
  }
  return false
}

/** With or without the end of line that the logger has given it. Such a line has its time in it: no other is the same. */
function isLastLine(text: string): boolean {
  return (
    text !== '' &&
    lastLine.length - text.length <= 2 &&
    lastLine.startsWith(text) &&
    lastLine.trimEnd() === text.trimEnd()
  )
}

function tells({ message, line }: Writing, text: string): boolean {
  if (text === line || text === message) return true
  return typeof message === 'string' && message !== '' && text.includes(message)
}

/** Who wants to know what consoles print. */
let consoleHearers = 0
let printingConsoles = 0

/** From now on consoles say while they hand a text to their stream. @returns ends it; call it once */
export function hearConsolePrinting(): () => void {
  consoleHearers++
  return () => void consoleHearers--
}

export function isConsoleHeard(): boolean {
  return consoleHearers > 0
}

/** Whether what is written now is a console's text, which has been told or was not wanted. */
export function isConsolePrinting(): boolean {
  return printingConsoles > 0
}

export function beginConsole(): void {
  printingConsoles++
}

export function endConsole(): void {
  printingConsoles--
}
