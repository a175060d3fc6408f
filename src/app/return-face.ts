/**
 * What the public API says of lines that are returned to callers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { ReturnScope } from '../returning/return-grant.ts'
import type { LevelName } from './tracelog.ts'

export type { ReturnScope } from '../returning/return-grant.ts'

/** Who opens a stream, and what of its calls may be seen. */
export interface ReturnAuthorization {
  /** Who it is: a stream is read by who opened it alone. */
  readonly sub: string
  /** Default `['logs:public']`: what `tellCaller` and the loggers of TRACELOG_RETURN_PUBLIC say. */
  readonly scopes?: readonly ReturnScope[]
  /** Records from here up. Default `info`. */
  readonly level?: LevelName
  /** How long a stream may be open: 1 to 900. Default 300. */
  readonly ttlSeconds?: number
}

export interface ReturnHandlerOptions {
  /** Default: bearers that TRACELOG_RETURN_KEY has signed. `null`, a rejection and silence for 2 s: may not. */
  readonly authorize?: (request: IncomingMessage) => ReturnAuthorization | null | Promise<ReturnAuthorization | null>
  /** Pages of these origins may open streams and read them: `https://app.example`. Default: none but the server's own. */
  readonly allowedOrigins?: readonly string[]
}

/** For express, connect and node:http. Without `next` what is not answered here is a 404. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void
