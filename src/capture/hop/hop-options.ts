/**
 * What the hops of a request are told from outside: by app/, from the configuration.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import type { Context } from '@opentelemetry/api'

import type { InheritedContext } from '../../context/inherited-context.ts'
import type { TracelogPropagator } from '../../context/propagation.ts'
import type { UnitEnds } from '../../context/request-unit.ts'
import type { TrustedPeers } from '../../context/trusted-peers.ts'
import type { InstrumentationScope } from '../../model/log-record.ts'
import type { Component } from '../../model/semconv.ts'
import type { EncodedSink } from '../../record/encoded-sink.ts'
import type { RecordEmitter } from '../../record/record-emitter.ts'
import type { HopTracer } from '../../record/tracer-provider.ts'
import type { ClientTemplates } from '../http/client-template.ts'

/** Spans and completion records of HTTP hops are emitted under this name. */
export const HTTP_SCOPE: InstrumentationScope = { name: 'tracelog.http', version: '' }

export interface HopOptions {
  readonly tracer: HopTracer
  readonly records: RecordEmitter
  /** Straight to bytes, for what is the same from request to request. Default: every record takes the general path. */
  readonly encoded?: EncodedSink
  /** For outgoing requests that end as most do; asked when there is one. Default: all take the general way. */
  readonly clientTemplates?: () => ClientTemplates | undefined
  /** Is told when a request begins and ends. Default: nobody. */
  readonly units?: UnitEnds | undefined
  /** Whether `units` is told of the header `Tracelog-Return`. Default false. */
  readonly readsGrants?: boolean
  /** The context manager's store. */
  readonly storage: AsyncLocalStorage<Context>
  readonly propagator: TracelogPropagator
  readonly trustedPeers: TrustedPeers
  /** What this process was started in; default: nothing. */
  readonly inherited?: InheritedContext
  /** Who we are in `Cache-Status`. */
  readonly serviceName: () => string
  /** TRACELOG_COMPONENT; `undefined`: guessed per request. */
  readonly component?: Component | undefined
  /** Completion records: all, none, or only of requests that failed. Default `on`. */
  readonly access?: 'on' | 'off' | 'errors'
  /** Globs of paths without span and completion record. Default: none. */
  readonly ignorePaths?: readonly string[]
  /** Default true: `Cache-Status` towards trusted peers. */
  readonly sendsCacheStatus?: boolean
  /** Whom `Server-Timing` tells the trace. Default `trusted`: TRACELOG_TRUSTED_PEERS. */
  readonly responseContext?: 'trusted' | 'on' | 'off'
  /** Default false: records carry `tracelog.request.path`, and trusted peers are told it. */
  readonly keepsRequestPath?: boolean
}

/** A context of a library's own loop: the commands by which it waits for work leave nothing behind, all else does. */
export const IDLE: symbol = Symbol.for('org.tracelog.idle')

/** A context in which nothing is recorded, and the caller's trace goes on all the same: health checks. */
export const QUIET: symbol = Symbol.for('org.tracelog.quiet')
