/**
 * What those are told that meet requests on a server itself: upgrades.ts and http2-streams.ts.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'

import type { Context } from '@opentelemetry/api'

import { EMITTER_MARK } from '../../context/context-manager.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { bindEmitter, watchEmitters } from './emitter-context.ts'

export interface ServerSettings {
  readonly options: HopOptions
  readonly isIgnored: (path: string) => boolean
  /** False: servers that are watched already make no hops any more. */
  isEnabled: boolean
}

/** The rest of this turn, and the events of these emitters, run in `context`. */
export function enterWith(storage: AsyncLocalStorage<Context>, context: Context, emitters: readonly object[]): void {
  for (const emitter of emitters) {
    // A socket is watched alone: most of them never carry a request's context.
    if (!(EMITTER_MARK in emitter)) watchEmitters(emitter, storage)
    bindEmitter(emitter, context)
  }
  storage.enterWith(context)
}
