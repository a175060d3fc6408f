/**
 * What a destination says to one request.
 */

/** Exactly one per request. */
export type Answer =
  /** `remark`: what is strange about an answer that counts all the same. */
  | { readonly kind: 'delivered'; readonly remark?: string }
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  /** Answered for good: sending it again is of no use. `reason` as `HTTP 400`. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** Smaller requests may pass. `reason` as `HTTP 413`. */
  | { readonly kind: 'too_large'; readonly reason: string }
  /** Not answered, or asked to come back later. `reason` as `ECONNREFUSED`, `HTTP 503`. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly retryAfterMillis?: number }

/** Reason of what is left to the disk at the end of the process, before its destination has answered: it may be there all the same. */
export const NOT_YET = 'no answer yet'
