/**
 * A request without some of its records, everything else byte for byte as it came.
 */
import { fieldNumberOf } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'
import type { Signal } from '../../model/signal.ts'
import { ByteWriter } from './byte-writer.ts'
import { type Message, REQUESTS } from './otlp-messages.ts'

/**
 * @param bytes  a request that was checked
 * @param startsOf  where the records to leave out begin: offset of the first byte inside
 */
export function withoutRecords(signal: Signal, bytes: Uint8Array, startsOf: ReadonlySet<number>): Uint8Array {
  const writer = new ByteWriter(bytes.length)
  copy({ reader: new ProtoReader(bytes), writer, startsOf }, REQUESTS[signal])
  return writer.take()
}

interface Copying {
  readonly reader: ProtoReader
  readonly writer: ByteWriter
  readonly startsOf: ReadonlySet<number>
}

/** Copies the fields of the message at hand. */
function copy(copying: Copying, message: Message): void {
  const { reader, writer, startsOf } = copying
  for (;;) {
    const fieldStart = reader.pos
    const tag = reader.tag()
    if (tag === 0) return
    const type = message.byNumber[fieldNumberOf(tag)]?.type
    const inner = typeof type === 'function' ? type() : undefined
    // Only what records are inside of is taken apart: their lengths change.
    if (inner?.role !== 'around_records' && inner?.role !== 'record') {
      reader.skip(tag)
      writer.raw(reader.bytes.subarray(fieldStart, reader.pos))
      continue
    }
    const outer = reader.enter()
    if (inner.role === 'around_records') {
      writer.varint(tag)
      writer.delimited(() => copy(copying, inner))
    } else if (!startsOf.has(reader.pos)) writer.raw(reader.bytes.subarray(fieldStart, reader.end))
    reader.leave(outer)
  }
}
