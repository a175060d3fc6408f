/**
 * What a command may touch of the outside: where it writes, what the terminal can do, the environment.
 *
 * Commands get it passed in, so that tests run them in this process.
 */
import { once } from 'node:events'
import { isatty } from 'node:tty'

import { processEnv, type Env } from '../config/env.ts'
import { TracelogError } from '../diag/errors.ts'
import { colourDepthOf } from './colour.ts'
import { EXIT } from './exit-code.ts'

/** One of the two standard streams, as a command sees it. */
export interface Output {
  /** Text that is safe for a terminal: whatever came from logs has gone through model/visible-text.ts. */
  write(text: string): void
  /** What is none of our text: for pipes and files, never for a terminal. */
  writeBytes(bytes: Uint8Array): void
  /** Resolves when the reader has taken enough of it that more may be written: for commands that write without end. */
  drained(): Promise<void>
  readonly isTerminal: boolean
  /** Bits of colour: 1 is none (colour.ts). */
  readonly colourDepth: number
  /** Cells in a row; `undefined` when piped. */
  readonly columns: number | undefined
}

export interface Io {
  /** Standard input. */
  readonly in: AsyncIterable<Uint8Array>
  /** Whether a person would have to type it. */
  readonly isInTerminal: boolean
  readonly out: Output
  readonly err: Output
  readonly env: Env
  readonly cwd: string
}

/** The real ones. */
export function processIo(): Io {
  const env = processEnv()
  return {
    // Touching it opens it: only for commands that read it.
    get in() {
      return process.stdin
    },
    get isInTerminal() {
      return isatty(0)
    },
    out: outputOf(process.stdout, env),
    err: outputOf(process.stderr, env),
    env,
    get cwd() {
      return workingDirectory()
    },
  }
}

/** @throws TRACELOG_USAGE when it has been removed under us */
function workingDirectory(): string {
  try {
    return process.cwd()
  } catch {
    throw new TracelogError('the working directory is gone, but must be one that is there', {
      code: 'TRACELOG_USAGE',
      hint: 'Change into another folder.',
    })
  }
}

function outputOf(stream: NodeJS.WriteStream, env: Env): Output {
  const isTerminal = stream.isTTY
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `tracelog query | head`: the reader has what it wanted. Not an error, and nothing more to write.
    if (error.code === 'EPIPE') process.exit(0)
    // A full disk behind `> file`: what was asked for is not there.
    if (stream === process.stdout) {
      process.stderr.write(`tracelog: the output cannot be written: ${error.message}\n`)
      process.exit(EXIT.failed)
    }
  })
  return {
    write: (text) => void stream.write(text),
    writeBytes: (bytes) => void stream.write(bytes),
    drained: () => (stream.writableNeedDrain ? once(stream, 'drain').then(() => {}) : Promise.resolve()),
    isTerminal,
    colourDepth: colourDepthOf(isTerminal, env),
    get columns() {
      return isTerminal ? stream.columns : undefined
    },
  }
}

/** One line. */
export function writeLine(output: Output, text = ''): void {
  output.write(`${text}\n`)
}

/** One JSON value on one line: for scripts, never coloured. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value)}\n`)
}
