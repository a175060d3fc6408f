/**
 * Streams of returned lines that live in the backend: opened and read at the API's port, fed from what services send (spec: return).
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { wallMillis } from '../diag/clock.ts'
import { safely } from '../diag/guarded.ts'
import { soon } from '../diag/timers.ts'
import { decodeLogsRequest } from '../model/otlp-decode.ts'
import { ATTR_RETURN_STREAM } from '../model/semconv.ts'
import { severityOfLevelName } from '../model/severity.ts'
import { createRedactor } from '../process/redactor.ts'
import { authorisedByBearer } from '../returning/bearer.ts'
import { RelayedStreams } from '../returning/relayed-streams.ts'
import { MAX_LIFE_SECONDS, signGrant } from '../returning/return-grant.ts'
import { ReturnStreams } from '../returning/return-streams.ts'
import { StreamRequests, type GrantedStream } from '../returning/stream-requests.ts'
import type { ReceiveSink } from './receive/receive-sink.ts'
import { toldRecords } from './receive/told-records.ts'
import { withoutRecords } from './receive/without-records.ts'

/** Between two looks at all streams. Milliseconds. */
const SWEEP_MILLIS = 500
const SEAM = 'the streams of returned lines'
/** What is not for a stream does not hold it anywhere. */
const MARK = Buffer.from(ATTR_RETURN_STREAM)

export interface ReturnedCounts {
  /** Open, or still readable. */
  readonly streams: number
  /** How often somebody might not, or there were too many. */
  readonly refused: Readonly<Record<string, number>>
}

export class ReturnedStreams {
  readonly #keys: readonly string[]
  readonly #streams = new ReturnStreams({ nowMillis: wallMillis })
  readonly #relayed: RelayedStreams
  readonly #requests: StreamRequests
  readonly #refused = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  /** @param keys  those of the services; at least one */
  constructor(keys: readonly string[]) {
    this.#keys = keys
    const redactor = createRedactor({ searchesShortNames: true })
    this.#relayed = new RelayedStreams({
      streams: this.#streams,
      keys,
      nowMillis: wallMillis,
      redact: (record) => redactor.redactLog(record),
    })
    this.#requests = new StreamRequests({
      streams: this.#streams,
      keys,
      authorise: async (request) => {
        // The stream's grant is for every service: so must be what it is opened with.
        const authorised = authorisedByBearer(request, { keys, nowMillis: wallMillis(), audience: '*' })
        if (authorised === undefined) this.#countRefused('unauthorised')
        return authorised
      },
      sign: (stream) => this.#sign(stream),
      severityOf: severityOfLevelName,
      allowedOrigins: [],
      nowMillis: wallMillis,
      onRefused: (reason) => this.#countRefused(reason),
      onTaken: () => this.#sweepSoon(),
      detached: (run) => run(),
    })
  }

  /** @returns false: it is none of ours, or may not */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    return this.#requests.answer(request, response)
  }

  counts(): ReturnedCounts {
    return { streams: this.#streams.size, refused: Object.fromEntries(this.#refused) }
  }

  /** The same sink, which tells the streams what is theirs, and keeps what is not theirs alone. */
  watch(sink: ReceiveSink): ReceiveSink {
    return {
      append: async (request) => {
        const { signal, bytes, count } = request
        if (signal !== 'logs' || !isMarked(bytes)) return await sink.append(request)
        // Now: the sink may transfer the memory away.
        const arrived = this.#streams.size === 0 ? [] : (safely(SEAM, () => decodeLogsRequest(bytes)) ?? [])
        const told = toldRecords(bytes)
        const kept = told.size === 0 ? bytes : withoutRecords(signal, bytes, told)
        // Before it is kept, which takes its time: what comes next must not be told first. What comes again is known by its number.
        safely(SEAM, () => this.#relayed.take(arrived))
        if (told.size < count) await sink.append({ signal, bytes: kept, count: count - told.size })
      },
    }
  }

  /** Ends every connection and every stream. */
  endAll(): void {
    clearInterval(this.#timer)
    this.#streams.close()
    // Behind the ends, which are written then.
    soon(() => this.#requests.close())
  }

  #sign({ sub, id, scopes, from, expiresMillis }: GrantedStream): string {
    const iat = Math.floor(wallMillis() / 1_000)
    const exp = Math.min(Math.floor(expiresMillis / 1_000), iat + MAX_LIFE_SECONDS)
    const jti = randomBytes(16).toString('base64url')
    return signGrant({ sub, sid: id, scopes, lvl: from, aud: '*', iat, exp, isRelayed: true, hop: 0, jti }, this.#keys)
  }

  #countRefused(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1)
  }

  #sweepSoon(): void {
    this.#timer ??= setInterval(() => {
      this.#requests.tick()
      if (this.#relayed.sweep()) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }, SWEEP_MILLIS).unref()
  }
}

/** A whole request is looked through faster than one record is decoded. */
function isMarked({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  return Buffer.from(buffer, byteOffset, byteLength).includes(MARK)
}
