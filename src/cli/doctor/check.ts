/**
 * The answer of one check of `tracelog doctor`.
 */

/** `note`: worth knowing, nothing to do. `warn`: something may be missing. `fail`: records will not arrive. */
export type CheckStatus = 'ok' | 'note' | 'warn' | 'fail'

export interface Check {
  /** One word or two; stable, for scripts. */
  readonly name: string
  readonly status: CheckStatus
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
}
