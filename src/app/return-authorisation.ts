/**
 * What the application's `authorize` says, within 2 s and within the limits; whatever else it does means no.
 */
import type { IncomingMessage } from 'node:http'

import { sayOnce } from '../diag/events.ts'
import { messageOf } from '../diag/guarded.ts'
import { startTimer, stopTimer } from '../diag/timers.ts'
import { severityOfLevelName } from '../model/severity.ts'
import { isSeverity, MAX_LIFE_SECONDS, scopesOf } from '../returning/return-grant.ts'
import type { Authorised } from '../returning/return-streams.ts'
import type { ReturnHandlerOptions } from './return-face.ts'

const MAX_MILLIS = 2_000
const TTL_SECONDS = 300
/** Of a subject: it is in every grant. Characters. */
const MAX_SUBJECT = 256

export async function authorisedOf(
  authorize: NonNullable<ReturnHandlerOptions['authorize']>,
  request: IncomingMessage,
): Promise<Authorised | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = startTimer(() => resolve(undefined), MAX_MILLIS)
    timer.unref()
  })
  try {
    return rightsOf(await Promise.race([authorize(request), late]))
  } catch (error) {
    sayOnce('return authorize', `authorize of returnHandler failed: ${messageOf(error)}; who asked may not`)
    return undefined
  } finally {
    stopTimer(timer)
  }
}

/** Read once, of any object or none. */
function rightsOf(said: unknown): Authorised | undefined {
  if (typeof said !== 'object' || said === null) return undefined
  const { sub, scopes = ['logs:public'], level = 'info', ttlSeconds = TTL_SECONDS } = said as Record<string, unknown>
  const from = typeof level === 'string' ? severityOfLevelName(level) : level
  const isSubject = typeof sub === 'string' && sub !== '' && sub.length <= MAX_SUBJECT
  const isTime = typeof ttlSeconds === 'number' && ttlSeconds >= 1 && ttlSeconds <= MAX_LIFE_SECONDS
  if (isSubject && Array.isArray(scopes) && isSeverity(from) && isTime)
    return { sub, scopes: scopesOf(scopes), from, ttlSeconds }
  sayOnce(
    'return authorization',
    'authorize of returnHandler must give {sub: 1 to 256 characters, scopes: a list, level: a level name, ttlSeconds: 1 to 900}, or null; who asked may not',
  )
  return undefined
}
