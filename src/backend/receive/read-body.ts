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
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)

  const raw = await collect(request, maxBytes, share)
  return coding === 'identity' ? raw : await decompress(raw, { coding, maxBytes, share })
}

/** Everything a stream gives, up to a limit. The stream is left paused, not destroyed, when the limit is passed. */
export function collect(stream: Readable, maxBytes: number, share: BodyShare): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  return new Promise((resolve, reject) => {
    const stop = (error: Error): void => {
      stream.removeListener('data', onData)
      stream.pause()
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      total += chunk.length
      if (total > maxBytes) return stop(tooLarge(maxBytes))
      try {
        share.take(chunk.length)
      } catch (error) {
        return stop(error as Error)
      }
      chunks.push(chunk)
    }
    stream.on('data', onData)
    stream.on('end', () => resolve(joinBytes(chunks, total)))
    stream.on('error', reject)
    stream.on('close', () => reject(new Error('the client went away')))
  })
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal('too_large', `the body is more than ${maxBytes} bytes`)
}
