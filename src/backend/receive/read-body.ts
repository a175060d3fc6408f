/**
 * One HTTP request's body, read within limits and decompressed.
 */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

import type { BodyShare } from './body-budget.ts'
import { type ContentCoding, decompress } from './decompress.ts'
import { joinBytes } from './join-bytes.ts'
import { Refusal } from './receive-sink.ts'

/** The largest body, before and after decompression. Source: spec, security.md. */
export const MAX_BODY_BYTES: number = 64 * 1024 * 1024

export interface ReadBodyOptions {
  readonly coding: ContentCoding | 'identity'
  readonly share: BodyShare
  /** Default 64 MiB. */
  readonly maxBytes?: number
}

/**
 * @returns bytes that own their memory
 * @throws Refusal `too_large`, `malformed`, `crowded`; any other error means that the client went away
 */
export async function readBody(request: IncomingMessage, options: ReadBodyOptions): Promise<Uint8Array> {
  const { coding, share, maxBytes = MAX_BODY_BYTES } = options
  // Said before a byte is read: a client that announces too much need not send it.
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBytes) throw tooLarge(maxBytes)

  const raw = await collect(request, { maxBytes, share, announced })
  return coding === 'identity' ? raw : await decompress(raw, { coding, maxBytes, share })
}

interface CollectOptions {
  readonly maxBytes: number
  readonly share: BodyShare
  /** Bytes to come, as the client says; 0 when it does not. */
  readonly announced: number
}

/** Everything a stream gives, up to a limit. The stream is left paused, not destroyed, when the limit is passed. */
function collect(stream: Readable, { maxBytes, share, announced }: CollectOptions): Promise<Uint8Array> {
  const chunks = announced > 0 ? new FilledBytes(announced) : new ChunkList()
  return new Promise((resolve, reject) => {
    const stop = (error: Error): void => {
      stream.removeListener('data', onData)
      stream.pause()
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      if (chunks.length + chunk.length > maxBytes) return stop(tooLarge(maxBytes))
      try {
        share.take(chunk.length)
        chunks.add(chunk)
      } catch (error) {
        stop(error as Error)
      }
    }
    stream.on('data', onData)
    stream.on('end', () => resolve(chunks.take()))
    stream.on('error', reject)
    stream.on('close', () => reject(new Error('the client went away')))
  })
}

/** Chunks of a body whose length nobody knows. */
class ChunkList {
  length = 0
  readonly #chunks: Uint8Array[] = []

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.length += chunk.length
  }

  take(): Uint8Array {
    return joinBytes(this.#chunks, this.length)
  }
}

/** A body of known length: written in place, so that it is in memory once. Node itself holds the client to the length. */
class FilledBytes {
  length = 0
  readonly #bytes: Uint8Array

  constructor(length: number) {
    // Not touched until bytes arrive, so that an announcement alone costs nothing; never a piece of Node's shared pool.
    this.#bytes = Buffer.allocUnsafeSlow(length)
  }

  add(chunk: Uint8Array): void {
    this.#bytes.set(chunk, this.length)
    this.length += chunk.length
  }

  take(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal('too_large', `the body is more than ${maxBytes} bytes`)
}
