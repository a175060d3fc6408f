/**
 * What those are told that meet requests on a server itself: upgrades.ts and http2-streams.ts.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'
import { Socket } from 'node:net'

import type { Context } from '@opentelemetry/api'

import { EMITTER_MARK } from '../../context/context-manager.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import type { HopTemplates } from './hop-template.ts'
import { bindEmitter, watchEmitters } from './emitter-context.ts'

export interface ServerSettings {
  readonly options: HopOptions
  readonly isIgnored: (path: string) => boolean
  /** False: servers that are watched already make no hops any more. */
  isEnabled: boolean
  /** How most requests are written down, made by the first one. `undefined`: none of them. */
  readonly templates: () => HopTemplates | undefined
}

/** A socket of Node's is left as it is: what is on it, the application sees. */
function prototypeOf(emitter: object): object {
  return emitter instanceof Socket ? Socket.prototype : emitter
}

/** The rest of this turn, and the events of these emitters, run in `context`. */
export function enterWith(storage: AsyncLocalStorage<Context>, context: Context, emitters: readonly object[]): void {
  for (const emitter of emitters) {
    if (!(EMITTER_MARK in emitter)) watchEmitters(prototypeOf(emitter), storage)
    bindEmitter(emitter, context)
  }
  storage.enterWith(context)
}
