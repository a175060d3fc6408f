/**
 * Reads what a 2xx answer says about records that were refused all the same.
 */
import { EXPORT_RESPONSE, PARTIAL_SUCCESS, WIRE, wireTypeOf } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'

export interface PartialSuccess {
  /** Refused records; 0 when all were taken. */
  readonly rejected: number
  readonly message: string
}

/**
 * `undefined` when all were taken; `unreadable` when it is no answer of OTLP, which is no reason to send again: a 2xx is a 2xx.
 *
 * @param read  `readPartial` of the answer's encoding
 */
export function readPartialSuccess(
  body: Uint8Array,
  read: (body: Uint8Array) => PartialSuccess,
): PartialSuccess | 'unreadable' | undefined {
  if (body.length === 0) return undefined
  try {
    const partial = read(body)
    return partial.rejected > 0 ? partial : undefined
  } catch {
    return 'unreadable'
  }
}

/** What a peer says is shown cut; more of it need not travel. Characters. */
const MAX_MESSAGE = 1024

/** @throws when it is no JSON object */
export function partialFromJson(body: Uint8Array): PartialSuccess {
  const answer = JSON.parse(new TextDecoder().decode(body)) as {
    partialSuccess?: { rejectedLogRecords?: unknown; rejectedSpans?: unknown; errorMessage?: unknown } | null
  } | null
  const { rejectedLogRecords, rejectedSpans, errorMessage = '' } = answer?.partialSuccess ?? {}
  const rejected = Number(rejectedLogRecords ?? rejectedSpans ?? 0)
  return { rejected, message: String(errorMessage).slice(0, MAX_MESSAGE) }
}

/** @throws when it is no protobuf message that an answer could be */
export function partialFromProtobuf(body: Uint8Array): PartialSuccess {
  const reader = new ProtoReader(body)
  const partial = { rejected: 0, message: '' }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== EXPORT_RESPONSE.partialSuccess) {
      skip(reader, tag)
      continue
    }
    const outer = reader.enter()
    readPartial(reader, partial)
    reader.leave(outer)
  }
  return partial
}

function readPartial(reader: ProtoReader, partial: { rejected: number; message: string }): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === PARTIAL_SUCCESS.rejected) partial.rejected = reader.varint()
    else if (tag === PARTIAL_SUCCESS.errorMessage) partial.message = reader.text().slice(0, MAX_MESSAGE)
    else skip(reader, tag)
  }
}

/** An answer has numbers and texts only: anything else is a page of some other server that happens to look like fields. */
function skip(reader: ProtoReader, tag: number): void {
  const wireType = wireTypeOf(tag)
  if (wireType !== WIRE.varint && wireType !== WIRE.bytes) reader.fail(`wire type ${wireType} in an answer`)
  reader.skip(tag)
}
