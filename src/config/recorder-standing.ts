/**
 * How does the flight recorder stand by these settings? What `TRACELOG_DEBUG=1` writes at the start, and what `tracelog doctor` puts into words.
 */
import { nameOfLevel } from '../model/severity.ts'
import { wantedUrl } from '../model/wanted-traces.ts'
import type { RecorderSettings } from '../process/recorder/recorder.ts'
import type { AppConfig } from './app-config.ts'
import type { HopConfig } from './hop-config.ts'

/**
 * `awaited`: as soon as what answers there says that it is `tracelog dev`. Otherwise not: gRPC has no way for it, a path of one's own
 * does not tell where to ask, and without OTLP there is nobody.
 */
export type LateWay = 'awaited' | 'grpc' | 'other_path' | 'no_otlp'

/** Names as they are written. */
export interface RecorderStanding {
  /** TRACELOG_RECORDER */
  readonly mode: 'auto' | 'on'
  /** Kept from here up. */
  readonly level: string
  /** What sends it: records from this level up, statuses, and what else is on. */
  readonly dump: {
    readonly level: string
    readonly status: readonly string[]
    readonly slow_ms: number | undefined
    readonly abort: boolean
    readonly ratio: number
  }
  /** By which ways the other services of a request hear that it has failed, and tell us. */
  readonly ways: {
    /** `Tracelog-Dump`: to and from who asked. */
    readonly answer: boolean
    /** `tracestate`: to and from who is asked later. */
    readonly request: boolean
    /** Through `tracelog dev`, of whoever had answered before it failed. */
    readonly late: LateWay
  }
  readonly trusted_peers: readonly string[]
  /** Whether bunyan is heard below its level. */
  readonly bunyan: boolean
}

export interface StandingInput {
  readonly recorder: RecorderSettings | undefined
  readonly hops: Pick<HopConfig, 'trustedPeers' | 'propagators'>
  readonly hearsAllOfBunyan: boolean
  readonly otlp: Pick<AppConfig['otlp'], 'logs'>
  readonly destinations: Pick<AppConfig['destinations'], 'logs'>
}

/** @returns `undefined`: it is off */
export function recorderStanding(input: StandingInput): RecorderStanding | undefined {
  const { recorder, hops, hearsAllOfBunyan } = input
  if (recorder === undefined) return undefined
  const { hasBudget, keepFrom, dumpFrom, dumpStatuses, slowMillis, dumpsAborted, ratio } = recorder
  return {
    mode: hasBudget ? 'auto' : 'on',
    level: nameOfLevel(keepFrom),
    dump: {
      level: nameOfLevel(dumpFrom),
      status: dumpStatuses.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)),
      slow_ms: slowMillis,
      abort: dumpsAborted,
      ratio,
    },
    ways: { answer: true, request: hops.propagators.includes('tracecontext'), late: lateWay(input) },
    trusted_peers: hops.trustedPeers,
    bunyan: hearsAllOfBunyan,
  }
}

function lateWay({ otlp, destinations }: StandingInput): LateWay {
  if (!destinations.logs.otlp) return 'no_otlp'
  if (otlp.logs.protocol === 'grpc') return 'grpc'
  return wantedUrl(otlp.logs.url) === undefined ? 'other_path' : 'awaited'
}
