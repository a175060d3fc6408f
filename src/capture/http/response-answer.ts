/**
 * A response of node:http as the answer of a hop: its status, whether it is complete, when it is over.
 *
 * No listener: `close` is seen when the response reads its own `emit` (emitter-context.ts), also when the application has
 * removed all listeners.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { watchPipeBack, markInbound } from '../proxy.ts'
import { watchExchange } from './emitter-context.ts'
import type { Answer, ServerHop } from './server-hop.ts'

/** What of Node's ServerResponse is read; `_closed` is set right before `close` is emitted. */
type ClosingResponse = ServerResponse & { readonly _closed?: boolean }

const RESPONSE: Answer<ClosingResponse> = {
  end({ headersSent, statusCode, writableFinished }) {
    return { status: headersSent ? statusCode : undefined, isComplete: writableFinished }
  },
  isOver: (response) => response._closed === true,
  onEmit: (response, unit) => watchPipeBack(unit, response),
}

/** Ties request and response to their hop: context, headers, end. */
export function answerWithResponse(hop: ServerHop, request: IncomingMessage, response: ServerResponse): void {
  markInbound(request, hop)
  watchExchange(request, response, hop)
  hop.answerWith(RESPONSE, response)
}
