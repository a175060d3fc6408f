/**
 * An HTTP server with the limits that every port of ours has.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** For all headers to arrive. Milliseconds. Source: spec, security.md. */
const HEADERS_TIMEOUT_MILLIS = 10_000
/** For a whole request, its body included. Milliseconds. Source: spec, security.md. */
const REQUEST_TIMEOUT_MILLIS = 60_000
/** How late either may be noticed. Milliseconds. */
const CHECK_INTERVAL_MILLIS = 1_000
/** Longer than any exporter waits between two batches, so that connections are used again. Milliseconds. */
const KEEP_ALIVE_MILLIS = 75_000

/** Node answers what it refuses itself: 400 (not HTTP), 408 (too slow), 431 (headers too large). */
export function createHttpServer(listener: (request: IncomingMessage, response: ServerResponse) => void): Server {
  return createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MILLIS,
      requestTimeout: REQUEST_TIMEOUT_MILLIS,
      connectionsCheckingInterval: CHECK_INTERVAL_MILLIS,
      keepAliveTimeout: KEEP_ALIVE_MILLIS,
      noDelay: true,
    },
    listener,
  )
}
