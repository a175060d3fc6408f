/**
 * Requests of node:http2's servers: a stream is a hop, whichever of Node's two interfaces the application uses.
 *
 * A listener of ours goes before the application's, enters the request's context and returns; it is not to be counted.
 */
import type { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'

import { grpcCodeOf, grpcMessageOf, grpcMethodOf, type GrpcStatus } from '../../model/grpc-call.ts'
import { listenUnseen } from '../../diag/own-listeners.ts'
import { isGrpc } from '../grpc/grpc-server-hop.ts'
import { beginServerHop } from './begin-server-hop.ts'
import { watchEmits, watchEmitters } from './emitter-context.ts'
import { quietContext } from './inbound-context.ts'
import type { Answer } from './server-hop.ts'
import { enterWith, type ServerSettings } from './server-settings.ts'
import { watchStreamHead } from './stream-head.ts'
import { parseTarget } from './request-target.ts'

type Http2Headers = IncomingHttpHeaders & { readonly ':method'?: string; readonly ':path'?: string }

interface Http2Stream extends EventEmitter {
  readonly session?: { readonly socket?: Socket }
  readonly sentHeaders?: Readonly<Record<string, unknown>>
  readonly sentTrailers?: Readonly<Record<string, unknown>>
  readonly aborted: boolean
  readonly destroyed: boolean
  readonly rstCode: number
  /** Node sets `closeEmitted` right before it emits `close`. */
  readonly _writableState?: { readonly closeEmitted?: boolean }
}

export function watchHttp2(server: EventEmitter, settings: ServerSettings): void {
  const onStream = (stream: Http2Stream, headers: Http2Headers) => beginStream(stream, headers, settings)
  listenUnseen(server, 'stream', onStream, { isFirst: true })
}

function beginStream(
  stream: Http2Stream,
  headers: Http2Headers,
  { options, isIgnored, isEnabled }: ServerSettings,
): void {
  if (!isEnabled) return
  watchEmitters(Object.getPrototypeOf(stream) as object, options.storage)
  const target = parseTarget(headers[':path'] ?? '/')
  if (isIgnored(target.path)) {
    enterWith(options.storage, quietContext(headers, options), [stream])
    return
  }
  const request = { method: headers[':method'] ?? 'GET', httpVersion: '2.0', headers }
  const grpc = isGrpc(headers) ? grpcMethodOf(target.path) : undefined
  const hop = beginServerHop(options, { request, target, socket: stream.session?.socket ?? {}, grpc })
  hop.answerWith(grpc === undefined ? STREAM : GRPC_STREAM, stream)
  // Of a call the head is metadata, which the caller's application reads.
  if (grpc === undefined) watchStreamHead(stream, hop)
  enterWith(options.storage, hop.context, [stream])
  watchEmits(stream, hop)
}

const STREAM: Answer<Http2Stream> = {
  end({ sentHeaders, destroyed, aborted, rstCode }) {
    const status = Number(sentHeaders?.[':status'])
    return { status: status > 0 ? status : undefined, isComplete: destroyed && !aborted && rstCode === 0 }
  },
  isOver: (stream) => stream._writableState?.closeEmitted === true,
}

const GRPC_STREAM: Answer<Http2Stream> = {
  end: (stream) => ({ ...STREAM.end(stream), grpc: grpcStatusOf(stream) }),
  isOver: (stream) => STREAM.isOver(stream),
}

/** Of a call without messages the head is all that is sent. */
function grpcStatusOf({ sentTrailers, sentHeaders }: Http2Stream): GrpcStatus | undefined {
  const said = [sentTrailers, sentHeaders].find((headers) => headers?.['grpc-status'] !== undefined)
  const code = grpcCodeOf(said?.['grpc-status'])
  const message = said?.['grpc-message']
  return code === undefined ? undefined : { code, message: typeof message === 'string' ? grpcMessageOf(message) : '' }
}
