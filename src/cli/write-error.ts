/**
 * How an error is told: one clear line, what to do about it, and where a query went wrong.
 */
import { readText } from '../config/env.ts'
import { safeOwnText } from '../model/secrets/own-text.ts'
import { writeJson, writeLine, type Io } from './io.ts'
import { systemErrorText } from './system-error.ts'
import { visibleLine } from '../model/visible-text.ts'
import { widthOf } from '../model/text-width.ts'

export interface ErrorContext {
  readonly error: unknown
  readonly command: string | undefined
  readonly asJson: boolean
}

/** Writes to stderr; with `--json` as one object `{"error":{code,message,hint}}`. */
export function writeError({ err, env }: Io, { error, command, asJson }: ErrorContext): void {
  const { code, message, hint, at, query, stack } = describe(error)
  if (asJson) {
    writeJson(err, {
      error: { code, message, ...(hint === undefined ? {} : { hint }), ...(at === undefined ? {} : { at }) },
    })
    return
  }
  const where = command === undefined || command.startsWith('-') ? 'tracelog' : `tracelog ${visibleLine(command)}`
  const [first = '', ...rest] = message.split('\n')
  writeLine(err, `${where}: ${visibleLine(first)}`)
  // DuckDB points at the place in further lines.
  for (const line of rest) writeLine(err, visibleLine(line))
  for (const line of pointerLines(query, at)) writeLine(err, `  ${line}`)
  if (hint !== undefined) writeLine(err, `  ${visibleLine(hint)}`)
  // A fault of ours: its stack helps whoever reports it.
  if (code === undefined && stack !== undefined && readText(env, 'TRACELOG_DEBUG') !== undefined) writeLine(err, stack)
}

/** The query, and a mark under the column where it went wrong. */
function pointerLines(query: string | undefined, at: number | undefined): string[] {
  if (query === undefined || at === undefined) return []
  const before = visibleLine(query.slice(0, at))
  return [before + visibleLine(query.slice(at)), `${' '.repeat(widthOf(before))}^`]
}

interface Description {
  readonly code: string | undefined
  readonly message: string
  readonly hint: string | undefined
  /** Column of a query's error, from 0. */
  readonly at: number | undefined
  readonly query: string | undefined
  readonly stack: string | undefined
}

function describe(error: unknown): Description {
  if (!(error instanceof Error)) {
    return {
      code: undefined,
      message: safeOwnText(String(error)),
      hint: undefined,
      at: undefined,
      query: undefined,
      stack: undefined,
    }
  }
  const { code, hint, at, query } = error as Error & Readonly<Record<'code' | 'hint' | 'at' | 'query', unknown>>
  const isOurs = typeof code === 'string' && code.startsWith('TRACELOG_')
  const system = isOurs ? undefined : systemErrorText(error)
  return {
    code: isOurs ? code : undefined,
    message: safeOwnText(system?.message ?? error.message),
    hint:
      system?.hint ??
      (typeof hint === 'string' ? hint : isOurs ? undefined : 'Set TRACELOG_DEBUG=1 to see where it happened.'),
    at: typeof at === 'number' ? at : undefined,
    query: typeof query === 'string' ? query : undefined,
    stack: error.stack,
  }
}
