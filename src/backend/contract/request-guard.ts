/**
 * Who may talk to us at all: the word that the receivers and the API share. What it checks: backend/request-guard.ts.
 */

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export interface GuardRefusal {
  readonly status: 401 | 403
  /** One line; never holds the token. */
  readonly message: string
}

/** @returns undefined: it may. Asked first of every request of every port */
export type RequestGuard = (headers: Headers) => GuardRefusal | undefined
