/**
 * A response of node:http as the answer of a hop: its status, whether it is complete, when it is over.
 *
 * No listener: `close` is seen when the response reads its own `emit` (emitter-context.ts), also when the application has
 * removed all listeners.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { RequestUnit } from '../../context/request-unit.ts'
import { watchPipeBack, markInbound } from '../proxy.ts'
import { bindEmitter, watchEmits } from './emitter-context.ts'
import type { Answer, ResponseEnd, ServerHop } from './server-hop.ts'

/** What of Node's ServerResponse is read; `_closed` is set right before `close` is emitted. */
type ClosingResponse = ServerResponse & { readonly _closed?: boolean }

class ResponseAnswer implements Answer {
  readonly #response: ClosingResponse
  readonly #unit: RequestUnit

  constructor(response: ClosingResponse, unit: RequestUnit) {
    this.#response = response
    this.#unit = unit
  }

  end(): ResponseEnd {
    const { headersSent, statusCode, writableFinished } = this.#response
    return { status: headersSent ? statusCode : undefined, isComplete: writableFinished }
  }

  isOver(): boolean {
    return this.#response._closed === true
  }

  onEmit(): void {
    watchPipeBack(this.#unit, this.#response)
  }
}

/** Ties request and response to their hop: context, headers, end. */
export function answerWithResponse(hop: ServerHop, request: IncomingMessage, response: ServerResponse): void {
  markInbound(request, hop.unit)
  bindEmitter(request, hop.context)
  bindEmitter(response, hop.context)
  watchEmits(response, hop)
  hop.answerWith(new ResponseAnswer(response, hop.unit))
}
