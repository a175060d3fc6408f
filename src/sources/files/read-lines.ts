/**
 * A file (or standard input) as lines, plain or packed with gzip or zstd (as a whole, or by the Collector, request by request), with
 * the numbers that messages need.
 *
 * What it is packed with is told by its first bytes, not by its name. Lines come in groups: one by one they cost more than
 * what is done with them.
 */
import { createReadStream } from 'node:fs'
import { PassThrough, pipeline, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

import { beginsWithFrame, FrameSplitter } from './frame-splitter.ts'
import { type Line, LineSplitter } from './line-splitter.ts'

export interface LineGroup {
  readonly lines: readonly Line[]
  /** The number of the first of them in its file, from 1. */
  readonly number: number
  /** Where it begins in the file, unpacked. Bytes. */
  readonly offset: number
  /** Where the next line begins. Bytes. */
  readonly end: number
  /** The one line of the group has no newline: the file ends in it. Its writer may not be done, or was cut off. */
  readonly isUnfinished: boolean
}

/** Read at once. Bytes. */
export const CHUNK_BYTES: number = 1024 * 1024

/**
 * @param bytes  chunks that stay as they are: the beginning of a line is kept
 * @yields the lines of each chunk
 * @throws the file system's or the decompressor's error, when what came before has been handed out
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<LineGroup> {
  const cutter = new LineCutter()
  for await (const chunk of unpacked(bytes)) yield* cutter.take(chunk)
  yield* cutter.rest()
}

/** Chunks of one file to groups of lines. */
export class LineCutter {
  readonly #splitter = new LineSplitter()
  #frames: FrameSplitter | undefined
  /** The first bytes of a file, until it is known whether it is one of frames. */
  #head: Uint8Array | undefined
  #number = 1
  /** Of all chunks. Bytes. */
  #end: number

  /**
   * @param offset  where the first chunk begins in its file; a line begins there
   * @param isFramed  whether the file is one of frames; at its beginning that is seen
   */
  constructor(offset: number = 0, isFramed: boolean = false) {
    this.#end = offset
    if (isFramed) this.#frames = new FrameSplitter()
  }

  /** @yields the lines that end in this chunk, if any */
  *take(chunk: Uint8Array): Generator<LineGroup> {
    if (this.#end > 0) {
      yield* this.#takeKnown(chunk)
      return
    }
    const head = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk])
    const isFramed = this.#frames !== undefined || beginsWithFrame(head)
    this.#head = isFramed === undefined ? head : undefined
    if (isFramed === true) this.#frames ??= new FrameSplitter()
    if (isFramed !== undefined) yield* this.#takeKnown(head)
  }

  *#takeKnown(chunk: Uint8Array): Generator<LineGroup> {
    if (this.#frames !== undefined) {
      yield* this.#takeFrames(this.#frames, chunk)
      return
    }
    const offset = this.#end - this.#splitter.waiting
    this.#end += chunk.length
    const lines = this.#splitter.push(chunk)
    const end = this.#end - this.#splitter.waiting
    if (lines.length > 0) yield { lines, number: this.#number, offset, end, isUnfinished: false }
    this.#number += lines.length
  }

  *#takeFrames(frames: FrameSplitter, chunk: Uint8Array): Generator<LineGroup> {
    let offset = this.#end - frames.waiting
    this.#end += chunk.length
    for (const { line, bytes } of frames.push(chunk)) {
      yield { lines: [line], number: this.#number++, offset, end: offset + bytes, isUnfinished: false }
      offset += bytes
    }
  }

  /** @yields what stands behind the last newline, when nothing more comes */
  *rest(): Generator<LineGroup> {
    if (this.#head !== undefined) yield* this.#takeKnown(this.#head)
    const offset = this.#end - this.#splitter.waiting
    const rest = this.#splitter.rest()
    if (rest !== '') yield { lines: [rest], number: this.#number, offset, end: this.#end, isUnfinished: true }
  }
}

/** The bytes of a file. */
export function fileBytes(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES })
}

const MAGIC: readonly { readonly bytes: readonly number[]; readonly create: () => Transform }[] = [
  { bytes: [0x1f, 0x8b], create: () => createGunzip({ chunkSize: CHUNK_BYTES }) },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], create: () => createZstdDecompress({ chunkSize: CHUNK_BYTES }) },
]

async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) return
  const packing = MAGIC.find((known) => known.bytes.every((byte, at) => first.value[at] === byte))
  const all = rejoin(first.value, iterator)
  if (packing === undefined) {
    yield* all
    return
  }
  // Errors reach the reader through the stream itself.
  yield* pipeline(all, packing.create(), new PassThrough({ highWaterMark: CHUNK_BYTES }), () => {})
}

async function* rejoin(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
