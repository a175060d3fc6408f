/**
 * Who asks, and where: what a SERVER span says of its peer, encoded once for all requests that say the same.
 *
 * Found by the text of the addresses: first what the last request of the connection said, then a bounded memory, which also serves
 * connections of a balancer that carry many clients' requests. The port of the peer is not in it: it is another one for each connection.
 */

import { ensureEmitterState } from '../../context/emitter-state.ts'
import type { AnyValue } from '../../model/any-value.ts'
import { LOG_RECORD, SPAN } from '../../model/otlp-schema.ts'
import { encodedAttributes } from '../../model/record-fields.ts'
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_NETWORK_PEER_PORT,
  ATTR_URL_PATH,
} from '../../model/semconv.ts'
import type { PartRedaction } from '../../model/part-redaction.ts'
import { serverAttributes, type InboundRequest, type PeerSocket } from './server-attributes.ts'

export interface PeerBlock {
  /** As they came, without the port: for a span that somebody touches. */
  readonly attributes: Readonly<Record<string, AnyValue>>
  readonly client: string | undefined
  /** Encoded attributes of a span. */
  readonly span: Uint8Array
  /** Encoded attributes of a completion record. */
  readonly record: Uint8Array
  readonly said: Said
}

/** What the block depends on, besides the connection's own address. */
interface Said {
  readonly httpVersion: string
  readonly host: string | undefined
  readonly agent: string | undefined
  readonly forwarded: string | undefined
  readonly forwardedFor: unknown
  readonly forwardedHost: unknown
}

const MAX_REMEMBERED = 1_000
/** Texts that are longer are hardly said twice. Characters. */
const MAX_KEY = 1_024

export class PeerBlocks {
  readonly #redaction: PartRedaction
  readonly #remembered = new Map<string, PeerBlock>()

  constructor(redaction: PartRedaction) {
    this.#redaction = redaction
  }

  of(request: InboundRequest, socket: PeerSocket): PeerBlock {
    const connection = ensureEmitterState(socket)
    const last = connection.peer as PeerBlock | undefined
    if (last !== undefined && isSaid(last.said, request)) return last
    const block = this.#find(saidBy(request), request, socket)
    connection.peer = block
    return block
  }

  #find(said: Said, request: InboundRequest, socket: PeerSocket): PeerBlock {
    const key = keyOf(said, socket)
    const known = this.#remembered.get(key)
    if (known !== undefined) return known
    const block = this.#make(said, request, socket)
    if (key.length > MAX_KEY) return block
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(key, block)
    return block
  }

  #make(said: Said, request: InboundRequest, socket: PeerSocket): PeerBlock {
    const {
      [ATTR_HTTP_REQUEST_METHOD]: _method,
      [ATTR_URL_PATH]: _path,
      [ATTR_NETWORK_PEER_PORT]: _port,
      ...attributes
    } = serverAttributes(
      { ...request, method: 'GET', headers: request.headers },
      { path: '', query: undefined },
      socket,
    )
    const client = attributes[ATTR_CLIENT_ADDRESS]
    const shown = this.#redaction.logAttributes(typeof client === 'string' ? { [ATTR_CLIENT_ADDRESS]: client } : {})
    return {
      attributes,
      client: typeof client === 'string' ? client : undefined,
      span: encodedAttributes(SPAN.attributes, this.#redaction.spanAttributes(attributes)),
      record: encodedAttributes(LOG_RECORD.attributes, shown),
      said,
    }
  }
}

function saidBy({ httpVersion, headers }: InboundRequest): Said {
  return {
    httpVersion,
    host: headers.host,
    agent: headers['user-agent'],
    forwarded: headers.forwarded,
    forwardedFor: headers['x-forwarded-for'],
    forwardedHost: headers['x-forwarded-host'],
  }
}

function isSaid(said: Said, { httpVersion, headers }: InboundRequest): boolean {
  return (
    said.host === headers.host &&
    said.agent === headers['user-agent'] &&
    said.forwardedFor === headers['x-forwarded-for'] &&
    said.forwardedHost === headers['x-forwarded-host'] &&
    said.forwarded === headers.forwarded &&
    said.httpVersion === httpVersion
  )
}

/** No header has a line break, and none is a lone tab. */
function keyOf(said: Said, { remoteAddress, encrypted }: PeerSocket): string {
  const { httpVersion, host = '\t', agent = '\t', forwarded = '\t', forwardedFor = '\t', forwardedHost = '\t' } = said
  const connection = `${encrypted === true ? 's' : ''}${httpVersion}\n${remoteAddress ?? '\t'}`
  return `${connection}\n${host}\n${agent}\n${forwarded}\n${String(forwardedFor)}\n${String(forwardedHost)}`
}
