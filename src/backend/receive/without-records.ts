/**
 * A request without some of its records, everything else byte for byte as it came.
 */
import { ByteWriter } from './byte-writer.ts'
import { type Message, REQUESTS } from './otlp-schema.ts'
import type { Signal } from '../../model/signal.ts'

/**
 * @param bytes  a request that was checked
 * @param startsOf  where the records to leave out begin: offset of the first byte inside
 */
export function withoutRecords(signal: Signal, bytes: Uint8Array, startsOf: ReadonlySet<number>): Uint8Array {
  const writer = new ByteWriter(bytes.length)
  copy({ bytes, writer, startsOf }, REQUESTS[signal], { start: 0, end: bytes.length })
  return writer.take()
}

interface Copying {
  readonly bytes: Uint8Array
  readonly writer: ByteWriter
  readonly startsOf: ReadonlySet<number>
}

interface Range {
  readonly start: number
  readonly end: number
}

function copy(copying: Copying, message: Message, { start, end }: Range): void {
  const { bytes, writer, startsOf } = copying
  let at = start
  while (at < end) {
    const fieldStart = at
    const tag = varint(bytes, at)
    at = tag.end
    const inside = contentOf(bytes, at, tag.value & 7)
    const type = message.byNumber[Math.floor(tag.value / 8)]?.type
    const inner = typeof type === 'function' && (tag.value & 7) === 2 ? type() : undefined
    at = inside.end
    if (inner?.role === 'record' && startsOf.has(inside.start)) continue
    // Only what records are inside of is taken apart: their lengths change.
    if (inner !== undefined && holdsRecords(inner)) {
      writer.tag(Math.floor(tag.value / 8), 2)
      writer.delimited(() => copy(copying, inner, inside))
    } else writer.raw(bytes.subarray(fieldStart, at))
  }
}

function holdsRecords(message: Message): boolean {
  return ['scopeLogs', 'logRecords', 'scopeSpans', 'spans'].some((name) => Object.hasOwn(message.fields, name))
}

function contentOf(bytes: Uint8Array, at: number, wireType: number): Range {
  if (wireType === 0) return { start: at, end: varint(bytes, at).end }
  if (wireType === 1) return { start: at, end: at + 8 }
  if (wireType === 5) return { start: at, end: at + 4 }
  const length = varint(bytes, at)
  return { start: length.end, end: length.end + length.value }
}

function varint(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0
  let factor = 1
  let at = start
  for (;;) {
    const byte = bytes[at++] ?? 0
    value += (byte & 127) * factor
    factor *= 128
    if (byte < 128) return { value, end: at }
  }
}
