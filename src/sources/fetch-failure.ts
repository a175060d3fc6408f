/** Why did `fetch` reject? `fetch failed` says nothing; its cause does. */

/** One clause for a message. @param limitMillis  of the AbortSignal.timeout that it was given */
export function fetchFailure(error: unknown, limitMillis: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${limitMillis / 1_000} s`
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause?.code ?? cause?.message ?? error.message
}
