/**
 * Lines returned to the caller, as one process does it: streams live here, calls are bound when their unit begins (spec: return).
 *
 * A door (.ci/build.mjs): compiled where TRACELOG_RETURN is on. Nothing here changes what the application sends, or throws into it.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { hearStdio } from '../capture/stdio.ts'
import type { ReturnConfig } from '../config/return-config.ts'
import { currentUnit, type UnitEnds } from '../context/request-unit.ts'
import { wallMillis } from '../diag/clock.ts'
import { sayOnce } from '../diag/events.ts'
import { guarded } from '../diag/guarded.ts'
import { startTimer } from '../diag/timers.ts'
import type { LogRecord } from '../model/log-record.ts'
import { severityOfLevelName } from '../model/severity.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import { NO_UNIT_ENDS } from '../record/work-unit.ts'
import { MAX_LIFE_SECONDS, readGrant, signGrant, type GrantClaims } from '../returning/return-grant.ts'
import { authorisedByBearer } from '../returning/bearer.ts'
import { ReturnStreams, type Authorised } from '../returning/return-streams.ts'
import { StreamRequests, type GrantedStream } from '../returning/stream-requests.ts'
import { BoundUnits } from './bound-units.ts'
import { RelayedCalls } from './relayed-calls.ts'
import { createPrintedRedactor } from './printed-redactor.ts'
import { ReturnAudit } from './return-audit.ts'
import { authorisedOf } from './return-authorisation.ts'
import type { RequestHandler, ReturnHandlerOptions } from './return-face.ts'
import type { ReturnStats } from './return-stats.ts'

export interface ReturningParts {
  readonly config: ReturnConfig
  readonly records: RecordEmitter
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
  stats(): ReturnStats
  /** Writes what it would write within a minute. */
  settle(): void
  /** The process ends: what is told to the backend ends too. */
  end(): void
  stop(): void
}

/** Between two looks at all streams. Milliseconds. */
const SWEEP_MILLIS = 1_000

export function createReturning(parts: ReturningParts): Returning {
  return new ReturningHere(parts)
}

class ReturningHere implements Returning {
  readonly units: BoundUnits
  readonly #parts: ReturningParts
  readonly #keys: readonly string[]
  readonly #audit: ReturnAudit
  readonly #streams: ReturnStreams
  readonly #relayed: RelayedCalls
  readonly #requests = new Set<StreamRequests>()
  #hasAuthoriser: boolean
  #isSweeping = false
  #isStopped = false

  constructor(parts: ReturningParts) {
    const { config, records, redact, detached, serviceName, lingerMillis } = parts
    this.#parts = parts
    this.#hasAuthoriser = config.keys.length > 0
    this.#keys = this.#hasAuthoriser ? config.keys : [randomBytes(32).toString('base64url')]
    this.#audit = new ReturnAudit(records, detached)
    const onConsole = createConsoleHearing()
    this.#streams = new ReturnStreams({ nowMillis: wallMillis, onConsole })
    this.#relayed = new RelayedCalls({ records, keys: config.keys, nowMillis: wallMillis, detached, onConsole })
    this.units = new BoundUnits({
      inner: parts.units ?? NO_UNIT_ENDS,
      streams: this.#streams,
      relayed: this.#relayed,
      audit: this.#audit,
      read: (grant) => this.#read(grant),
      serviceName,
      publicLoggers: config.publicLoggers,
      redact,
      hideText: createPrintedRedactor(redact),
      lingerMillis,
      detached,
      now: () => new Date(wallMillis()).toISOString(),
    })
  }

  handler({ authorize, allowedOrigins = [] }: ReturnHandlerOptions = {}): RequestHandler {
    if (typeof authorize === 'function') this.#hasAuthoriser = true
    if (!this.#hasAuthoriser) sayNobodyAuthorises()
    const requests = new StreamRequests({
      streams: this.#streams,
      keys: this.#keys,
      authorise: (request) => this.#authorise(request, authorize),
      sign: (stream) => this.#sign(stream),
      severityOf: severityOfLevelName,
      allowedOrigins,
      nowMillis: wallMillis,
      onRefused: (reason) => this.#audit.refused(reason),
      onTaken: () => {
        currentUnit()?.hop?.leaveUnseen?.()
        this.#sweepSoon()
      },
      detached: this.#parts.detached,
    })
    this.#requests.add(requests)
    return (request, response, next) => {
      if (!this.#hasAuthoriser || this.#isStopped) return notThere(response, next)
      requests.answer(request, response).then(
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

  stats(): ReturnStats {
    return { streams: this.#streams.size, ...this.#audit.stats() }
  }

  settle(): void {
    this.#audit.settle()
  }

  end(): void {
    this.#relayed.close()
  }

  stop(): void {
    this.#isStopped = true
    for (const requests of this.#requests) requests.close()
    this.#streams.close()
    this.end()
    this.#audit.settle()
  }

  #read(grant: string): GrantClaims | string | undefined {
    if (this.#isStopped) return undefined
    if (this.#hasAuthoriser) {
      const claims = readGrant(grant, this.#check(this.#keys))
      if (typeof claims === 'object' && claims.isRelayed === true) this.#sweepSoon()
      return claims
    }
    sayNobodyAuthorises()
    return undefined
  }

  /** By a bearer that a shared key has signed, or as the application says. */
  async #authorise(
    request: IncomingMessage,
    authorize: ReturnHandlerOptions['authorize'],
  ): Promise<Authorised | undefined> {
    const byKey = authorisedByBearer(request, this.#check(this.#parts.config.keys))
    if (byKey !== undefined) return byKey
    const authorised = typeof authorize === 'function' ? await authorisedOf(authorize, request) : undefined
    if (authorised === undefined) this.#audit.refused('unauthorised')
    return authorised
  }

  #sign({ sub, id, scopes, from, expiresMillis }: GrantedStream): string {
    const iat = Math.floor(wallMillis() / 1_000)
    const exp = Math.min(Math.floor(expiresMillis / 1_000), iat + MAX_LIFE_SECONDS)
    return signGrant({ sub, sid: id, scopes, lvl: from, aud: this.#parts.serviceName(), iat, exp }, this.#keys)
  }

  #check(keys: readonly string[]) {
    return { keys, nowMillis: wallMillis(), audience: this.#parts.serviceName() }
  }

  #sweepSoon(): void {
    if (this.#isSweeping || this.#isStopped) return
    this.#isSweeping = true
    this.#parts.detached(() =>
      startTimer(() => {
        this.#isSweeping = false
        for (const requests of this.#requests) requests.tick()
        const isRelaying = this.#relayed.sweep()
        if (this.#streams.sweep() || isRelaying) this.#sweepSoon()
      }, SWEEP_MILLIS).unref(),
    )
  }
}

function createConsoleHearing(): (isWanted: boolean) => void {
  let unhear: (() => void) | undefined
  /** Streams of this process, and those of the backend. */
  let users = 0
  return (isWanted) => {
    users += isWanted ? 1 : -1
    if (users > 0 === (unhear !== undefined)) return
    unhear?.()
    unhear = isWanted
      ? hearStdio(({ stream, chunk, encoding }) => currentUnit()?.returning?.text(stream, chunk, encoding))
      : undefined
  }
}

function sayNobodyAuthorises(): void {
  sayOnce(
    'return without authoriser',
    'TRACELOG_RETURN is "on", but nobody says who may see what: give returnHandler an `authorize`, or set TRACELOG_RETURN_KEY; nothing is returned',
  )
}

/** As any path that there is not. */
function notThere(response: ServerResponse, next: (() => void) | undefined): void {
  if (next !== undefined) return next()
  response.statusCode = 404
  response.end()
}
