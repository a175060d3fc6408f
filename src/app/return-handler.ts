/**
 * Lines returned to the caller, as one process does it: streams live here, calls are bound when their unit begins (spec: return).
 *
 * A door (.ci/build.mjs): compiled where TRACELOG_RETURN is on. Nothing here changes what the application sends, or throws into it.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { hearStdio } from '../capture/stdio.ts'
import type { ReturnConfig } from '../config/return-config.ts'
import { currentUnit, type RequestUnit, type UnitEnds } from '../context/request-unit.ts'
import { wallMillis } from '../diag/clock.ts'
import { sayOnce } from '../diag/events.ts'
import { guarded, safely } from '../diag/guarded.ts'
import { startTimer } from '../diag/timers.ts'
import type { LogRecord } from '../model/log-record.ts'
import {
  ATTR_HTTP_ROUTE,
  ATTR_RETURN_LEVEL,
  ATTR_RETURN_REFUSED,
  ATTR_RETURN_SCOPES,
  ATTR_RETURN_SUBJECT,
  EVENT_RETURN_GRANTED,
  EVENT_RETURN_REFUSED,
} from '../model/semconv.ts'
import { levelOfSeverity, SEVERITY_INFO, severityOfLevelName } from '../model/severity.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import { NO_UNIT_ENDS } from '../record/work-unit.ts'
import { readGrant, signGrant, type GrantClaims } from '../returning/return-grant.ts'
import { ReturnStreams, type OpenStream } from '../returning/return-streams.ts'
import { bearerOf, StreamRequests, type Authorised } from '../returning/stream-requests.ts'
import { authorisedOf } from './return-authorisation.ts'
import type { RequestHandler, ReturnHandlerOptions } from './return-face.ts'
import { ReturnedUnit, RETURN_SCOPE } from './returned-unit.ts'

export interface ReturningParts {
  readonly config: ReturnConfig
  readonly records: () => RecordEmitter
  /** Who is told of units besides; `undefined`: nobody. */
  readonly units: UnitEnds | undefined
  readonly serviceName: () => string
  readonly redact: (record: LogRecord) => LogRecord
  /** Milliseconds. */
  readonly lingerMillis: number
  readonly detached: <T>(run: () => T) => T
}

export interface Returning {
  readonly units: UnitEnds
  handler(options?: ReturnHandlerOptions): RequestHandler
  stop(): void
}

/** Between two looks at all streams. Milliseconds. */
const SWEEP_MILLIS = 1_000
/** Between two records of refusals. Milliseconds. */
const REFUSALS_MILLIS = 60_000

const BARE: Omit<LogRecord, 'body'> = {
  timeUnixNano: 0n,
  observedTimeUnixNano: 0n,
  severityNumber: SEVERITY_INFO,
  severityText: '',
  eventName: '',
  attributes: {},
  traceId: '',
  spanId: '',
  traceFlags: 0,
  droppedAttributesCount: 0,
}

export function createReturning(parts: ReturningParts): Returning {
  const { config, detached, redact, units: inner = NO_UNIT_ENDS } = parts
  const keys = config.keys.length > 0 ? config.keys : [randomBytes(32).toString('base64url')]
  const refusals = createRefusals(parts)
  const bound = new WeakMap<RequestUnit, { readonly unit: ReturnedUnit; readonly stream: OpenStream }>()
  const requests = new Set<StreamRequests>()
  let unhear: (() => void) | undefined
  let hasAuthoriser = config.keys.length > 0
  let isSweeping = false
  let isStopped = false

  const streams = new ReturnStreams({
    nowMillis: wallMillis,
    onConsole(isWanted) {
      unhear?.()
      unhear = isWanted
        ? hearStdio(({ stream, chunk, encoding }) => currentUnit()?.returning?.text(stream, chunk, encoding))
        : undefined
    },
  })
  const hideText = (text: string): string => {
    const { body } = redact({ ...BARE, body: text })
    return typeof body === 'string' ? body : ''
  }

  function bind(unit: RequestUnit, grant: string): void {
    if (isStopped) return
    if (!hasAuthoriser) {
      sayNobodyAuthorises()
      return
    }
    const claims = readGrant(grant, { keys, nowMillis: wallMillis(), audience: parts.serviceName() })
    if (typeof claims === 'string') return refusals.add(claims)
    const stream = claims.sid === undefined ? 'unknown' : streams.bind(claims.sid, claims.sub)
    if (typeof stream === 'string') return refusals.add(stream)
    const { serviceName } = parts
    const { publicLoggers } = config
    const returned = new ReturnedUnit({
      ...{ stream, streams, serviceName, publicLoggers, redact, hideText, detached },
      lingerMillis: parts.lingerMillis,
      now: () => new Date(wallMillis()).toISOString(),
    })
    stream.onExpired = () => {
      returned.stop()
      unit.returning = undefined
    }
    unit.returning = returned
    bound.set(unit, { unit: returned, stream })
  }

  function sweep(): void {
    if (isSweeping || isStopped) return
    isSweeping = true
    detached(() =>
      startTimer(() => {
        isSweeping = false
        for (const each of requests) each.tick()
        if (streams.sweep()) sweep()
      }, SWEEP_MILLIS).unref(),
    )
  }

  const units: UnitEnds = {
    onBegin(unit, grant) {
      inner.onBegin(unit)
      if (grant !== undefined) safely('a grant', () => bind(unit, grant))
    },
    onEnd(unit, end) {
      inner.onEnd(unit, end)
      const found = bound.get(unit)
      if (found === undefined) return
      safely('the audit', () => tellGranted(parts.records(), unit, found.stream))
      found.unit.answered(end.status, end.errorType !== undefined || end.isAborted)
    },
    onUnseen(unit) {
      inner.onUnseen?.(unit)
      // A request of ours, which binds nothing: the stream is for a call of the application.
      const found = bound.get(unit)
      if (found === undefined) return
      found.unit.stop()
      bound.delete(unit)
      unit.returning = undefined
      found.stream.onExpired = undefined
      if (found.stream.state === 'bound') found.stream.state = 'open'
    },
    onDumpAsked: (unit, isAtBegin) => inner.onDumpAsked(unit, isAtBegin),
    onTaskFailed: (unit, errorType) => inner.onTaskFailed(unit, errorType),
    asksForDump: (unit, status) => inner.asksForDump(unit, status),
  }

  function handler({ authorize, allowedOrigins = [] }: ReturnHandlerOptions = {}): RequestHandler {
    if (typeof authorize === 'function') hasAuthoriser = true
    if (!hasAuthoriser) sayNobodyAuthorises()
    const each = new StreamRequests({
      streams,
      keys,
      authorise: (request) => authorise(request, authorize),
      sign: (claims, expiresMillis) => {
        const iat = Math.floor(wallMillis() / 1_000)
        const exp = Math.min(Math.floor(expiresMillis / 1_000), iat + 900)
        return signGrant({ ...claims, aud: parts.serviceName(), iat, exp }, keys)
      },
      severityOf: (name) => severityOfLevelName(name),
      allowedOrigins,
      nowMillis: wallMillis,
      onRefused: (reason) => refusals.add(reason),
      onTaken: () => {
        currentUnit()?.hop?.leaveUnseen?.()
        sweep()
      },
      detached,
    })
    requests.add(each)
    return (request, response, next) => {
      if (!hasAuthoriser || isStopped) return notThere(response, next)
      each.answer(request, response).then(
        (isAnswered) => {
          if (!isAnswered) notThere(response, next)
        },
        guarded('the return handler', (error: Error) => {
          notThere(response, next)
          throw error
        }),
      )
    }
  }

  /** By a bearer that a shared key has signed, or as the application says. */
  async function authorise(
    request: IncomingMessage,
    authorize: ReturnHandlerOptions['authorize'],
  ): Promise<Authorised | undefined> {
    const shown = config.keys.length === 0 ? undefined : bearerOf(request)
    const claims = shown === undefined ? undefined : readGrant(shown, bearerCheck())
    if (typeof claims === 'object' && claims.sid === undefined) return rightsOf(claims)
    const authorised = typeof authorize === 'function' ? await authorisedOf(authorize, request) : undefined
    if (authorised === undefined) refusals.add('unauthorised')
    return authorised
  }

  function bearerCheck() {
    return { keys: config.keys, nowMillis: wallMillis(), audience: parts.serviceName() }
  }

  return {
    units,
    handler,
    stop() {
      isStopped = true
      for (const each of requests) each.close()
      streams.close()
      refusals.say()
    },
  }
}

function rightsOf({ sub, scopes, lvl, exp }: GrantClaims): Authorised {
  return { sub, scopes, from: lvl, ttlSeconds: Math.max(1, exp - Math.floor(wallMillis() / 1_000)) }
}

function sayNobodyAuthorises(): void {
  sayOnce(
    'return without authoriser',
    'TRACELOG_RETURN is "on", but nobody says who may see what: give returnHandler an `authorize`, or set TRACELOG_RETURN_KEY; nothing is returned',
  )
}

/** As any path that there is not. */
export function notThere(response: ServerResponse, next: (() => void) | undefined): void {
  if (next !== undefined) return next()
  response.statusCode = 404
  response.end()
}

function tellGranted(records: RecordEmitter, unit: RequestUnit, { sub, scopes, from }: OpenStream): void {
  const verdict = records.judge(SEVERITY_INFO, RETURN_SCOPE.name)
  if (verdict === 'drop') return
  const { route } = unit
  records.emit(
    {
      severityNumber: SEVERITY_INFO,
      eventName: EVENT_RETURN_GRANTED,
      body: `lines of this call are returned to ${sub}`,
      attributes: {
        [ATTR_RETURN_SUBJECT]: sub,
        [ATTR_RETURN_SCOPES]: [...scopes],
        [ATTR_RETURN_LEVEL]: levelOfSeverity(from).toLowerCase(),
        ...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
      },
    },
    RETURN_SCOPE,
    verdict,
  )
}

interface Refusals {
  add(reason: string): void
  say(): void
}

/** How often something was refused, by reason: told once a minute where there is anything to tell. */
function createRefusals({ records, detached }: Pick<ReturningParts, 'records' | 'detached'>): Refusals {
  let counts = new Map<string, number>()
  const say = (): void => {
    if (counts.size === 0) return
    const told = [...counts]
    counts = new Map()
    const verdict = records().judge(SEVERITY_INFO, RETURN_SCOPE.name)
    if (verdict === 'drop') return
    const attributes = Object.fromEntries(told.map(([reason, count]) => [`${ATTR_RETURN_REFUSED}.${reason}`, count]))
    const body = `refused: ${told.map(([reason, count]) => `${count} ${reason}`).join(', ')}`
    records().emit(
      { severityNumber: SEVERITY_INFO, eventName: EVENT_RETURN_REFUSED, body, attributes },
      RETURN_SCOPE,
      verdict,
    )
  }
  return {
    add(reason) {
      if (counts.size === 0) detached(() => startTimer(say, REFUSALS_MILLIS).unref())
      counts.set(reason, (counts.get(reason) ?? 0) + 1)
    },
    say: () => safely('the audit', () => detached(say)),
  }
}
