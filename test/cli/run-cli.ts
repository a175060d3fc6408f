/**
 * Runs a command in this process with captured streams: what a user would have seen, and the exit code.
 */
import { Readable } from 'node:stream'

import type { Io, Output } from '../../src/cli/io.ts'
import { main } from '../../src/cli/main.ts'
import { TOKEN } from './fake-backend.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Cells of a terminal; default: piped. */
  readonly columns?: number
  readonly cwd?: string
  /** Standard input. */
  readonly in?: string
  readonly isInTerminal?: boolean
  /** Hears every write to standard output. */
  readonly onOut?: (text: string) => void
}

export async function runCli(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let out = ''
  let err = ''
  const output = (write: (text: string) => void): Output => ({
    write,
    writeBytes: (bytes) => write(Buffer.from(bytes).toString('latin1')),
    drained: () => Promise.resolve(),
    isTerminal: options.columns !== undefined,
    colourDepth: options.columns !== undefined && options.env?.['NO_COLOR'] === undefined ? 8 : 1,
    columns: options.columns,
  })
  const io: Io = {
    in: Readable.from([Buffer.from(options.in ?? '')]),
    isInTerminal: options.isInTerminal === true,
    out: output((text) => {
      out += text
      options.onOut?.(text)
    }),
    err: output((text) => (err += text)),
    env: { TRACELOG_TOKEN: TOKEN, TRACELOG_DATA: '/nonexistent', ...options.env },
    cwd: options.cwd ?? process.cwd(),
  }
  const code = await main(argv, io)
  return { code, out, err }
}
