/**
 * What a command's end means to a script: the four exit codes, and which error is which.
 */
import type { ErrorCode } from '../diag/errors.ts'

/** Source: spec/backend, "exit codes". `tracelog run` alone forwards its command's own code. */
export const EXIT = {
  done: 0,
  /** Nothing found, or a check failed. */
  failed: 1,
  usage: 2,
  /** The backend cannot be reached. */
  unreachable: 3,
} as const

const CODE_OF: Readonly<Partial<Record<ErrorCode, number>>> = {
  TRACELOG_USAGE: EXIT.usage,
  TRACELOG_NOT_SUPPORTED: EXIT.usage,
  TRACELOG_CONFIG_INVALID: EXIT.usage,
  TRACELOG_QUERY_SYNTAX: EXIT.usage,
  TRACELOG_BACKEND_UNREACHABLE: EXIT.unreachable,
}

/** @returns 1 for errors that are not ours; an error may carry its own `exitCode` */
export function exitCodeOf(error: unknown): number {
  const { code, exitCode } = (error ?? {}) as { code?: unknown; exitCode?: unknown }
  if (typeof exitCode === 'number') return exitCode
  return CODE_OF[code as ErrorCode] ?? EXIT.failed
}
