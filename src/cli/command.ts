/**
 * What a command is: its name, its flags, its help and its run function. One file per command exports one of these.
 */
import type { Io } from './io.ts'

export interface FlagSpec {
  readonly type: 'boolean' | 'string'
  /** What stands for the value in the help: `PORT`. */
  readonly value?: string
  readonly short?: string
  /** One line of help, with the default. */
  readonly help: string
}

export interface CommandSpec {
  readonly name: string
  /** What it does, in one line, without a full stop. */
  readonly summary: string
  /** After `tracelog <name>`, without the flags: `[QUERY...]`. */
  readonly operands: string
  /** How many operands it takes. */
  readonly operandCount: { readonly min: number; readonly max: number }
  readonly flags: Readonly<Record<string, FlagSpec>>
  /** Whether operands are query text, in which `-key:value` is a term and no flag. */
  readonly takesQuery?: boolean
  /** Whether all after `--` is a command of the user's. */
  readonly takesCommand?: boolean
  /** Paragraphs under the usage. */
  readonly details?: string
  readonly examples: readonly (readonly [command: string, meaning: string])[]
  /** What the exit codes mean here, where it differs from the table of exit-code.ts. */
  readonly exitCodes?: Readonly<Record<string, string>>
}

/** What was typed, checked against the spec. */
export interface Invocation {
  readonly flags: Flags
  readonly operands: readonly string[]
  /** What came after `--`, for commands that take one. */
  readonly command: readonly string[]
  readonly io: Io
}

/** Reads flags by name, so that no command repeats the checks. */
export interface Flags {
  isSet(name: string): boolean
  text(name: string): string | undefined
  /** Of a flag that may be given more than once, in their order. */
  texts(name: string): readonly string[]
  /** @throws TRACELOG_USAGE that names the flag and the range */
  integer(name: string, range: { readonly min: number; readonly max: number }): number | undefined
  /** @throws TRACELOG_USAGE that names the flag and the choices */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined
}

export interface Command extends CommandSpec {
  /** @returns the exit code. @throws TracelogError */
  run(invocation: Invocation): Promise<number>
}

/** Of every command. */
export const COMMON_FLAGS: Readonly<Record<string, FlagSpec>> = {
  help: { type: 'boolean', short: 'h', help: 'show this text' },
}

/** Of every command that prints results. */
export const JSON_FLAG: Readonly<Record<string, FlagSpec>> = {
  json: { type: 'boolean', help: 'print JSON, for scripts' },
}

/** Of every command that reads from a backend. */
export const BACKEND_FLAGS: Readonly<Record<string, FlagSpec>> = {
  backend: {
    type: 'string',
    value: 'URL',
    help: 'the API of the backend (default: TRACELOG_BACKEND, else the one that runs here)',
  },
  data: { type: 'string', value: 'DIR', help: "the backend's data directory (default: TRACELOG_DATA)" },
}

/** Of every command that reads records, wherever they are. */
export const SOURCE_FLAGS: Readonly<Record<string, FlagSpec>> = {
  source: {
    type: 'string',
    value: 'SOURCE',
    help: 'local (default: TRACELOG_SOURCE, else local), loki (Loki and Tempo of the stack) or a log file',
  },
  loki: {
    type: 'string',
    value: 'URL',
    help: 'Loki (default: TRACELOG_LOKI_URL, else http://127.0.0.1:3100, the stack here)',
  },
  tempo: {
    type: 'string',
    value: 'URL',
    help: 'Tempo (default: TRACELOG_TEMPO_URL, else http://127.0.0.1:3200), or off: there is none',
  },
  ...BACKEND_FLAGS,
}

/** Of every command that selects records by time. */
export const TIME_FLAGS: Readonly<Record<string, FlagSpec>> = {
  since: { type: 'string', value: 'WHEN', help: 'from here on: 15m, 2h, 7d or a date (default: all)' },
  until: { type: 'string', value: 'WHEN', help: 'up to here' },
}
