/**
 * gRPC's message framing over an HTTP/2 stream: one byte "compressed", four bytes length (big endian), the message.
 *
 * Source: grpc/doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message". Pure.
 */

import { allocateBytes } from './bytes.ts'

const PREFIX_BYTES = 5

/**
 * One message with its prefix.
 *
 * @param isCompressed  whether it was packed as `grpc-encoding` says
 * @param memory  so many bytes, of which all are overwritten. Default: of its own
 */
export function frameMessage(
  message: Uint8Array,
  isCompressed = false,
  memory: (size: number) => Uint8Array<ArrayBuffer> = allocateBytes,
): Uint8Array<ArrayBuffer> {
  const framed = memory(PREFIX_BYTES + message.length)
  framed[0] = isCompressed ? 1 : 0
  new DataView(framed.buffer, framed.byteOffset).setUint32(1, message.length)
  framed.set(message, PREFIX_BYTES)
  return framed
}

export interface GrpcMessage {
  readonly isCompressed: boolean
  /** Owns its memory. */
  readonly bytes: Uint8Array
}

/** `too_large`: announced more than the limit. `broken`: a prefix that cannot be, too few bytes, or a second message. */
export type FrameProblem = 'too_large' | 'broken'

/**
 * Puts one message together from the chunks of a stream.
 *
 * Unary calls carry exactly one message; more bytes are a problem.
 */
export class MessageReader {
  readonly #maxBytes: number
  readonly #prefix = new Uint8Array(PREFIX_BYTES)
  #prefixLength = 0
  #message: Uint8Array | undefined
  #filled = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes that the message will have, once its prefix was read. */
  get announcedBytes(): number | undefined {
    return this.#message?.length
  }

  push(chunk: Uint8Array): FrameProblem | undefined {
    let at = 0
    while (at < chunk.length && this.#prefixLength < PREFIX_BYTES) {
      this.#prefix[this.#prefixLength++] = chunk[at++] ?? 0
    }
    if (this.#prefixLength < PREFIX_BYTES) return undefined
    if (this.#message === undefined) {
      const problem = this.#open()
      if (problem !== undefined) return problem
    }
    return this.#fill(chunk.subarray(at))
  }

  /** The message, or why there is none. Called at the end of the stream. */
  finish(): GrpcMessage | FrameProblem {
    if (this.#message === undefined || this.#filled < this.#message.length) return 'broken'
    return { isCompressed: this.#prefix[0] === 1, bytes: this.#message }
  }

  #open(): FrameProblem | undefined {
    if ((this.#prefix[0] ?? 0) > 1) return 'broken'
    const length = new DataView(this.#prefix.buffer).getUint32(1)
    if (length > this.#maxBytes) return 'too_large'
    // Not touched until bytes arrive, so that an announcement alone costs nothing.
    this.#message = allocateBytes(length)
    return undefined
  }

  #fill(bytes: Uint8Array): FrameProblem | undefined {
    const message = this.#message
    if (message === undefined) return undefined
    if (this.#filled + bytes.length > message.length) return 'broken'
    message.set(bytes, this.#filled)
    this.#filled += bytes.length
    return undefined
  }
}
