/**
 * The body of an endpoint's answer: decoded, bounded in size and in time. The status is known before; the body may never end.
 */
import type { IncomingMessage } from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'

import { startTimer, stopTimer } from '../../diag/timers.ts'

/** Answers are a few bytes; more than this is not read. */
export const MAX_ANSWER_BYTES: number = 64 * 1024

export interface AnswerBody {
  readonly bytes: Uint8Array
  /** False: it was cut off, too long, or cannot be decoded. */
  readonly isWhole: boolean
}

/** Never rejects. */
export async function readAnswer(response: IncomingMessage, maxMillis: number): Promise<AnswerBody> {
  const chunks: Buffer[] = []
  let length = 0
  const timer = startTimer(() => response.destroy(), maxMillis)
  timer.unref()
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length <= MAX_ANSWER_BYTES) chunks.push(chunk)
    }
    const encoding = response.headers['content-encoding'] ?? 'identity'
    const bytes = length <= MAX_ANSWER_BYTES ? decodeAnswer(encoding, Buffer.concat(chunks)) : undefined
    return bytes === undefined ? CUT_OFF : { bytes, isWhole: true }
  } catch {
    return CUT_OFF
  } finally {
    stopTimer(timer)
  }
}

const CUT_OFF: AnswerBody = { bytes: new Uint8Array(), isWhole: false }

/** @returns `undefined` when it cannot be decoded, or would be too long */
export function decodeAnswer(encoding: string, bytes: Uint8Array): Uint8Array | undefined {
  try {
    return DECODERS[encoding.trim().toLowerCase()]?.(bytes)
  } catch {
    return undefined
  }
}

const LIMIT = { maxOutputLength: MAX_ANSWER_BYTES }

const DECODERS: Readonly<Record<string, ((bytes: Uint8Array) => Uint8Array) | undefined>> = {
  // No prototype: an encoding is the peer's text.
  __proto__: null as never,
  identity: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes, LIMIT),
  'x-gzip': (bytes) => gunzipSync(bytes, LIMIT),
  deflate: (bytes) => inflateSync(bytes, LIMIT),
  br: (bytes) => brotliDecompressSync(bytes, LIMIT),
  zstd: (bytes) => zstdDecompressSync(bytes, LIMIT),
}
