/**
 * What the hops of a request are told by the environment: HTTP, cache, propagation, sampling (spec: hops).
 */
import { isIP } from 'node:net'

import type { PropagatorName } from '../context/propagation.ts'
import type { SpanLimits } from '../record/span-limits.ts'
import { invalid, readChoice, readInteger, readList, readRatio, readSwitch, readText, type Env } from './env.ts'
import type { ProblemCollector } from './problems.ts'

const COMPONENTS = ['load_balancer', 'http_server', 'cache', 'client', 'app'] as const
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const
const PROPAGATORS = ['tracecontext', 'baggage', 'b3', 'b3multi', 'none'] as const

/** Health checks: no span, no completion record. Source: spec, hops. */
const DEFAULT_IGNORE_PATHS = ['/health*', '/healthz', '/ready*', '/livez', '/metrics']

interface SamplerConfig {
  readonly name: (typeof SAMPLERS)[number]
  /** Share of traces kept by the `traceidratio` ones. 0 to 1; default 1. */
  readonly ratio: number
}

export interface HopConfig {
  /** This process's role; `undefined`: guessed per request. */
  readonly component: (typeof COMPONENTS)[number] | undefined
  readonly httpEngine: 'channels' | 'otel'
  /** Globs of paths. */
  readonly ignorePaths: readonly string[]
  /** Completion records: all, none, or only of requests that failed. */
  readonly access: 'on' | 'off' | 'errors'
  /** Level name of a cache look-up's completion record, and which in-process look-ups get spans. */
  readonly cacheLevel: string
  readonly cacheSpans: 'all' | 'slow' | 'off'
  readonly cacheKeys: 'off' | 'pattern'
  readonly sendsCacheStatus: boolean
  /** Hosts, addresses and CIDR ranges; `loopback` stands for 127.0.0.0/8 and ::1. */
  readonly trustedPeers: readonly string[]
  /** Who gets traceparent: everybody, trusted peers, or these hosts. */
  readonly propagateTo: 'all' | 'trusted' | readonly string[]
  /** Who gets Server-Timing on responses. */
  readonly responseContext: 'trusted' | 'on' | 'off'
  readonly keepsRequestPath: boolean
  readonly propagators: readonly PropagatorName[]
  readonly sampler: SamplerConfig
  /** OTEL_SPAN_* and the general OTEL_ATTRIBUTE_*; only those that are set. */
  readonly spanLimits: SpanLimits
  readonly logsFollowSampling: boolean
}

/** Never throws: problems go to the collector. */
export function readHops(env: Env, problems: ProblemCollector): HopConfig {
  const choose = <T extends string>(name: string, choices: readonly T[]) =>
    problems.attempt(() => readChoice(env, name, choices))
  const isOn = (name: string) => problems.attempt(() => readSwitch(env, name))
  return {
    component: choose('TRACELOG_COMPONENT', COMPONENTS),
    httpEngine: choose('TRACELOG_HTTP_ENGINE', ['channels', 'otel']) ?? 'channels',
    ignorePaths: readList(env, 'TRACELOG_IGNORE_PATHS') ?? DEFAULT_IGNORE_PATHS,
    access: choose('TRACELOG_ACCESS', ['on', 'off', 'errors']) ?? 'on',
    cacheLevel: choose('TRACELOG_CACHE_LEVEL', ['trace', 'debug', 'verbose', 'info', 'off']) ?? 'info',
    cacheSpans: choose('TRACELOG_CACHE_SPANS', ['all', 'slow', 'off']) ?? 'slow',
    cacheKeys: choose('TRACELOG_CACHE_KEYS', ['off', 'pattern']) ?? 'off',
    sendsCacheStatus: isOn('TRACELOG_CACHE_STATUS') ?? true,
    trustedPeers: problems.attempt(() => readPeers(env, 'TRACELOG_TRUSTED_PEERS')) ?? ['loopback'],
    propagateTo: readPropagateTo(env, problems),
    responseContext: choose('TRACELOG_RESPONSE_CONTEXT', ['trusted', 'on', 'off']) ?? 'trusted',
    keepsRequestPath: isOn('TRACELOG_REQUEST_PATH') ?? false,
    propagators: problems.attempt(() => readPropagators(env)) ?? ['tracecontext', 'baggage'],
    sampler: readSampler(env, problems),
    spanLimits: readSpanLimits(env, problems),
    logsFollowSampling: isOn('TRACELOG_LOGS_FOLLOW_SAMPLING') ?? false,
  }
}

function readPropagateTo(env: Env, problems: ProblemCollector): HopConfig['propagateTo'] {
  const text = readText(env, 'TRACELOG_PROPAGATE_TO')?.toLowerCase()
  if (text === undefined || text === 'all' || text === 'trusted') return text ?? 'all'
  return problems.attempt(() => readPeers(env, 'TRACELOG_PROPAGATE_TO')) ?? 'all'
}

function readPeers(env: Env, name: string): readonly string[] | undefined {
  const peers = readList(env, name)
  const wrong = peers?.find((peer) => !isPeer(peer))
  if (wrong === undefined) return peers
  throw invalid(name, wrong, 'a comma list of host names, addresses and CIDR ranges, as api.internal,10.0.0.0/8')
}

function isPeer(peer: string): boolean {
  const [address, bits, ...rest] = peer.split('/')
  if (address === undefined || rest.length > 0) return false
  const version = isIP(address)
  if (bits === undefined) return version !== 0 || /^(?:\*\.)?[a-z0-9_.-]+(?::\d+)?$/i.test(address)
  return version !== 0 && /^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
}

function readPropagators(env: Env): HopConfig['propagators'] | undefined {
  const items = readList(env, 'OTEL_PROPAGATORS')
  if (items === undefined) return undefined
  const known = items.map((item) => PROPAGATORS.find((name) => name === item.toLowerCase()))
  if (known.includes(undefined))
    throw invalid('OTEL_PROPAGATORS', items.join(','), `a comma list of ${PROPAGATORS.join(', ')}`)
  return [...new Set(known.filter((name) => name !== undefined && name !== 'none'))]
}

function readSampler(env: Env, problems: ProblemCollector): SamplerConfig {
  const name = problems.attempt(() => readChoice(env, 'OTEL_TRACES_SAMPLER', SAMPLERS)) ?? 'parentbased_always_on'
  return { name, ratio: problems.attempt(() => readRatio(env, 'OTEL_TRACES_SAMPLER_ARG')) ?? 1 }
}

/** Source: OpenTelemetry specification, "Span Limits": the span's own variable counts before the general one. */
function readSpanLimits(env: Env, problems: ProblemCollector): SpanLimits {
  const limit = (name: string) =>
    problems.attempt(() => readInteger(env, name, { min: 0, max: Number.MAX_SAFE_INTEGER }))
  const limits = {
    attributeCount: limit('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ?? limit('OTEL_ATTRIBUTE_COUNT_LIMIT'),
    attributeValueLength: limit('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT') ?? limit('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    eventCount: limit('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    linkCount: limit('OTEL_SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCount: limit('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
    attributePerLinkCount: limit('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
  }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
