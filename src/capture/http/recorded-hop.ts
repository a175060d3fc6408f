/**
 * A server hop whose span is there from the start: sampled or not, of any tracer, watched by processors of the application.
 */
import type { Context, Span } from '@opentelemetry/api'

import type { RequestUnitOptions } from '../../context/request-unit.ts'
import type { HopOptions } from '../hop/hop-options.ts'
import { ServerHop, type ResponseEnd } from './server-hop.ts'

export interface RecordedHopBegin extends RequestUnitOptions {
  readonly span: Span
  readonly caller: Context
  readonly client: string | undefined
}

export class RecordedHop extends ServerHop {
  readonly #span: Span
  readonly #client: string | undefined

  constructor(options: HopOptions, begin: RecordedHopBegin) {
    super(options, begin, begin.caller)
    this.#span = begin.span
    this.#client = begin.client
  }

  get span(): Span {
    return this.#span
  }

  protected leave(end: ResponseEnd): void {
    this.leaveRecorded(this.#span, end, this.#client)
  }
}
