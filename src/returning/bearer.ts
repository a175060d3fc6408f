/**
 * Who opens streams by a bearer that a shared key has signed.
 */
import type { IncomingMessage } from 'node:http'

import { readGrant, type GrantCheck } from './return-grant.ts'
import type { Authorised } from './return-streams.ts'

/** What follows `Authorization: Bearer`. */
export function bearerOf({ headers: { authorization } }: Pick<IncomingMessage, 'headers'>): string | undefined {
  return authorization?.slice(0, 7).toLowerCase() === 'bearer ' ? authorization.slice(7).trim() : undefined
}

/** @returns `undefined`: none, or none that is good; a grant of a stream opens no other one */
export function authorisedByBearer(
  request: Pick<IncomingMessage, 'headers'>,
  check: GrantCheck,
): Authorised | undefined {
  const shown = check.keys.length === 0 ? undefined : bearerOf(request)
  const claims = shown === undefined ? undefined : readGrant(shown, check)
  if (typeof claims !== 'object' || claims.sid !== undefined) return undefined
  const { sub, scopes, lvl, exp } = claims
  return { sub, scopes, from: lvl, ttlSeconds: Math.max(1, exp - Math.floor(check.nowMillis / 1_000)) }
}
