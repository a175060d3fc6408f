/**
 * A record's bytes with what rules have changed in it; every other field, known or not, stays as it came.
 */
import type { AnyValue, Attributes } from '../../model/any-value.ts'
import { keyValue } from '../../model/otlp-decode-value.ts'
import { LOG_RECORD, SPAN, SPAN_EVENT, SPAN_LINK } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'
import { ProtoWriter } from '../../model/proto-writer.ts'
import { HIDDEN } from './hide-keys.ts'
import { MessageParts } from './message-parts.ts'
import type { Subject } from './subject.ts'

/** A value that is larger, or cannot be written again, is hidden whole. Bytes; below what a ProtoWriter can hold. */
const MAX_REWRITTEN_BYTES = 1024 * 1024

/** @param before  what `bytes` say */
export function rewriteRecord(bytes: Uint8Array, before: Subject, after: Subject): Uint8Array {
  if (before.signal === 'logs' && after.signal === 'logs') {
    const edits = [attributeEdit(LOG_RECORD.attributes, before.item.attributes, after.item.attributes)]
    if (before.item.severityNumber !== after.item.severityNumber) {
      edits.push(
        fieldEdit(LOG_RECORD.severityNumber, (writer, tag) => writer.varintField(tag, after.item.severityNumber)),
        fieldEdit(LOG_RECORD.severityText, (writer, tag) => writer.textField(tag, after.item.severityText)),
      )
    }
    const { body = null } = after.item
    if (before.item.body !== after.item.body)
      edits.push(
        fieldEdit(LOG_RECORD.body, (writer, tag) =>
          writeSafely(
            writer,
            () => writer.valueField(tag, body),
            () => writer.valueField(tag, HIDDEN),
          ),
        ),
      )
    return rewrite(bytes, edits)
  }
  if (before.signal !== 'spans' || after.signal !== 'spans') return bytes
  return rewrite(bytes, [
    attributeEdit(SPAN.attributes, before.item.attributes, after.item.attributes),
    itemEdit(SPAN.events, SPAN_EVENT.attributes, before.item.events, after.item.events),
    itemEdit(SPAN.links, SPAN_LINK.attributes, before.item.links, after.item.links),
  ])
}

/** What happens to the fields of one tag. */
interface FieldEdit {
  readonly tag: number
  /**
   * @param inside  the field's own bytes, of a field that has a length
   * @returns what stands for it, tag included; `undefined`: it stays
   */
  replace(inside: Uint8Array): Uint8Array | undefined
  /** What comes behind all fields. */
  end(): Uint8Array
}

function rewrite(bytes: Uint8Array, edits: readonly FieldEdit[]): Uint8Array {
  const reader = new ProtoReader(bytes)
  const parts = new MessageParts()
  for (;;) {
    const start = reader.pos
    const tag = reader.tag()
    if (tag === 0) break
    const inside = reader.pos
    reader.skip(tag)
    const edit = edits.find((candidate) => candidate.tag === tag)
    const replaced = edit?.replace(bytes.subarray(inside, reader.pos))
    parts.add(replaced ?? bytes.subarray(start, reader.pos))
  }
  for (const edit of edits) parts.add(edit.end())
  return parts.join()
}

const NOTHING = new Uint8Array(0)

/** A field that comes once, written anew. */
function fieldEdit(tag: number, write: (writer: ProtoWriter, tag: number) => void): FieldEdit {
  return { tag, replace: () => NOTHING, end: () => written((writer) => write(writer, tag)) }
}

/** By key: what is the same stays where it is, what is new comes behind. */
function attributeEdit(tag: number, before: Attributes, after: Attributes): FieldEdit {
  if (before === after) return { tag, replace: () => undefined, end: () => NOTHING }
  return {
    tag,
    replace: (inside) => {
      const key = keyOf(inside)
      const value = after[key]
      if (value === before[key]) return undefined
      return value === undefined ? NOTHING : writtenAttribute(tag, key, value)
    },
    end: () => {
      const added = Object.entries(after).filter(([key]) => !Object.hasOwn(before, key))
      return written((writer) => {
        for (const [key, value] of added) if (value !== undefined) writer.attribute(tag, key, value)
      })
    },
  }
}

/** Events or links: the attributes within those that have changed. */
function itemEdit(
  tag: number,
  attributesTag: number,
  before: readonly { readonly attributes: Attributes }[],
  after: readonly { readonly attributes: Attributes }[],
): FieldEdit {
  let index = 0
  return {
    tag,
    replace: (inside) => {
      const at = index++
      const [was, is] = [before[at], after[at]]
      if (was === undefined || is === undefined || was === is) return undefined
      const reader = new ProtoReader(inside)
      const length = reader.varint()
      const item = inside.subarray(reader.pos, reader.pos + length)
      const parts = new MessageParts()
      const inner = new MessageParts()
      inner.add(rewrite(item, [attributeEdit(attributesTag, was.attributes, is.attributes)]))
      parts.addMessage(tag, inner)
      return parts.join()
    },
    end: () => NOTHING,
  }
}

function keyOf(inside: Uint8Array): string {
  const found: Record<string, AnyValue> = {}
  keyValue(new ProtoReader(inside), found, 0)
  return Object.keys(found)[0] ?? ''
}

function writtenAttribute(tag: number, key: string, value: AnyValue): Uint8Array {
  return written((writer) =>
    writeSafely(
      writer,
      () => writer.attribute(tag, key, value),
      () => writer.attribute(tag, key, HIDDEN),
    ),
  )
}

/** What is nested too deep, or too large, is hidden whole. */
function writeSafely(writer: ProtoWriter, write: () => void, otherwise: () => void): void {
  const start = writer.pos
  try {
    write()
    if (writer.pos - start <= MAX_REWRITTEN_BYTES) return
  } catch {
    // Below.
  }
  writer.pos = start
  otherwise()
}

function written(write: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter(256)
  write(writer)
  return writer.bytes.subarray(0, writer.pos)
}
