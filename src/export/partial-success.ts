/**
 * Reads what a 2xx answer says about records that were refused all the same.
 *
 * Source: OTLP, ExportLogsServiceResponse and ExportTraceServiceResponse: partial_success = 1 {rejected = 1, error_message = 2} in both.
 */
import type { OtlpProtocol } from './otlp-endpoint.ts'

export interface PartialSuccess {
  /** Refused records, at least 1. */
  readonly rejected: number
  readonly message: string
}

/** `undefined` when all were taken; `unreadable` when it is no answer of OTLP, which is no reason to send again: a 2xx is a 2xx. */
export function readPartialSuccess(
  body: Uint8Array,
  protocol: OtlpProtocol,
): PartialSuccess | 'unreadable' | undefined {
  if (body.length === 0) return undefined
  try {
    const partial = protocol === 'http/json' ? fromJson(body) : fromProtobuf(body)
    return partial.rejected > 0 ? partial : undefined
  } catch {
    return 'unreadable'
  }
}

/** What a peer says is shown cut; more of it need not travel. Characters. */
const MAX_MESSAGE = 1024

function fromJson(body: Uint8Array): PartialSuccess {
  const answer = JSON.parse(new TextDecoder().decode(body)) as {
    partialSuccess?: { rejectedLogRecords?: unknown; rejectedSpans?: unknown; errorMessage?: unknown } | null
  } | null
  const { rejectedLogRecords, rejectedSpans, errorMessage = '' } = answer?.partialSuccess ?? {}
  const rejected = Number(rejectedLogRecords ?? rejectedSpans ?? 0)
  return { rejected, message: String(errorMessage).slice(0, MAX_MESSAGE) }
}

function fromProtobuf(body: Uint8Array): PartialSuccess {
  const partial = fields(body).get(1)
  const inner = fields(partial instanceof Uint8Array ? partial : new Uint8Array())
  const rejected = inner.get(1)
  const message = inner.get(2)
  return {
    rejected: typeof rejected === 'number' ? rejected : 0,
    message: message instanceof Uint8Array ? new TextDecoder().decode(message).slice(0, MAX_MESSAGE) : '',
  }
}

/** Varints and byte fields by number. @throws for anything else, and for what ends in the middle: these are no such bytes */
function fields(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> {
  const found = new Map<number, number | Uint8Array>()
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new RangeError('a number ends early')
  }
  while (at < bytes.length) {
    const tag = varint()
    if ((tag & 7) === 0) found.set(tag >>> 3, varint())
    else if ((tag & 7) === 2) {
      const length = varint()
      found.set(tag >>> 3, bytes.subarray(at, (at += length)))
      if (at > bytes.length) throw new RangeError('a field ends early')
    } else throw new RangeError('a field of another kind')
  }
  return found
}
