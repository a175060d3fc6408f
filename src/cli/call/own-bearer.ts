/**
 * Who has the key that servers verify needs no other authorization: the command signs one of its own, for this call.
 */
import type { Env } from '../../config/env.ts'
import { readReturnKeys } from '../../config/return-config.ts'
import { MAX_LIFE_SECONDS, RETURN_SCOPES, signGrant } from '../../returning/return-grant.ts'

/** Of the stream too, which a job behind the response may need. Seconds. */
const LIFE_SECONDS = MAX_LIFE_SECONDS
/** All levels: which one is asked for, --level says. */
const LOWEST_SEVERITY = 1

/** @returns `undefined` without a key. @throws TRACELOG_CONFIG_INVALID */
export function ownBearer(env: Env): string | undefined {
  const keys = readReturnKeys(env)
  if (keys === undefined) return undefined
  const iat = Math.floor(Date.now() / 1_000)
  const claims = {
    sub: 'tracelog call',
    aud: '*',
    scopes: RETURN_SCOPES,
    lvl: LOWEST_SEVERITY,
    iat,
    exp: iat + LIFE_SECONDS,
  }
  return `Bearer ${signGrant(claims, keys)}`
}
