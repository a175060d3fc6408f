/**
 * The one error class, and the closed list of its codes. Each code is documented in the README (a test compares the lists).
 */

/** Never reused, never renamed: users match on them. */
export const ERROR_CODES = [
  'TRACELOG_CONFIG_INVALID',
  'TRACELOG_ALREADY_RUNNING',
  'TRACELOG_PORT_IN_USE',
  'TRACELOG_DUCKDB_MISSING',
  'TRACELOG_STORE_NEWER',
  'TRACELOG_BACKEND_UNREACHABLE',
  'TRACELOG_QUERY_SYNTAX',
  'TRACELOG_QUERY_TIMEOUT',
  'TRACELOG_USAGE',
  'TRACELOG_DOCKER_MISSING',
  'TRACELOG_NOT_SUPPORTED',
  'TRACELOG_RULES_INVALID',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export interface TracelogErrorOptions {
  readonly code: ErrorCode
  /** One imperative sentence: what to do about it. */
  readonly hint: string
  readonly cause?: unknown
}

/** Recognise it by `code`, not by `instanceof`: two copies of the package may be loaded. */
export class TracelogError extends Error {
  readonly code: ErrorCode
  readonly hint: string

  /** @param message  *name* is *value*, but must be *rule* */
  constructor(message: string, options: TracelogErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TracelogError'
    this.code = options.code
    this.hint = options.hint
  }
}
