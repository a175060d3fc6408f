/**
 * Where lines are returned to callers, who is told of units then; and what the public API has of it.
 */
import type { AppConfig } from '../config/app-config.ts'
import type { UnitEnds } from '../context/request-unit.ts'
import type { Attributes } from '../model/any-value.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'
import type { LateChain } from './late-chain.ts'
import type { RequestHandler, ReturnHandlerOptions } from './return-face.ts'
import { createReturning, type Returning, type ReturningParts } from './return-handler.ts'
import { createTellCaller } from './tell-caller.ts'

interface StartReturningOptions extends Pick<ReturningParts, 'serviceName' | 'detached'> {
  readonly config: AppConfig
  readonly chain: LateChain
  readonly records: RecordEmitter
  readonly isThread: boolean
}

interface StartedReturning {
  /** `undefined`: nothing is returned. */
  readonly returning: Returning | undefined
  /** Who is told of units; `undefined`: nobody. */
  readonly units: UnitEnds | undefined
  readonly api: ReturnApi
}

export interface ReturnApi {
  /** `undefined`: nothing is returned. */
  returnHandler(options: ReturnHandlerOptions | undefined): RequestHandler | undefined
  tellCaller(message: string, attributes?: Attributes): void
}

/** How long a unit waits for late lines where there is no recorder to say so. Milliseconds. */
const LINGER_MILLIS = 2_000

/** Its code is compiled where it is on. A worker thread serves no calls that anybody could name. */
export function startReturning({ config, chain, isThread, ...rest }: StartReturningOptions): StartedReturning {
  const tellCaller = createTellCaller(rest.records)
  if (config.returning === undefined || isThread)
    return { returning: undefined, units: chain.recorder, api: { returnHandler: () => undefined, tellCaller } }
  const returning = createReturning({
    ...rest,
    config: config.returning,
    units: chain.recorder,
    redact: (record) => chain.whole().redactReturned(record),
    lingerMillis: config.recorder?.lingerMillis ?? LINGER_MILLIS,
  })
  return {
    returning,
    units: returning.units,
    api: { returnHandler: (options) => returning.handler(options), tellCaller },
  }
}
