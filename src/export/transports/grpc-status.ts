/**
 * What gRPC's status says beside number and message: when to come back.
 *
 * Source: google/rpc/status.proto, error_details.proto (`RetryInfo`). Pure.
 */
import { ANY, DURATION, RETRY_INFO, RPC_STATUS } from '../../model/otlp-schema.ts'
import { ProtoReader } from '../../model/proto-reader.ts'

const RETRY_INFO_TYPE = /(?:^|\/)google\.rpc\.RetryInfo$/

/**
 * Reads the delay of a RetryInfo. Milliseconds, as the peer says: it may be negative or endless.
 *
 * @param header  `grpc-status-details-bin`: base64, padded or not
 * @returns `undefined` when there is none, or none that can be read
 */
export function retryInfoMillis(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  try {
    // Several values of one name are joined by commas.
    return fromStatus(new ProtoReader(Buffer.from(header.split(',', 1)[0] as string, 'base64')))
  } catch {
    return undefined
  }
}

function fromStatus(reader: ProtoReader): number | undefined {
  let millis: number | undefined
  eachField(reader, (tag) => {
    if (tag !== RPC_STATUS.details) return false
    inside(reader, () => (millis ??= fromAny(reader)))
    return true
  })
  return millis
}

function fromAny(reader: ProtoReader): number | undefined {
  let isRetryInfo = false
  let millis: number | undefined
  eachField(reader, (tag) => {
    if (tag === ANY.typeUrl) isRetryInfo = RETRY_INFO_TYPE.test(reader.text())
    // The type comes first wherever these are written; without it the bytes mean nothing.
    else if (tag === ANY.value && isRetryInfo) inside(reader, () => (millis = fromRetryInfo(reader)))
    else return false
    return true
  })
  return millis
}

function fromRetryInfo(reader: ProtoReader): number | undefined {
  let millis: number | undefined
  eachField(reader, (tag) => {
    if (tag !== RETRY_INFO.retryDelay) return false
    inside(reader, () => (millis = fromDuration(reader)))
    return true
  })
  return millis
}

function fromDuration(reader: ProtoReader): number {
  let millis = 0
  eachField(reader, (tag) => {
    if (tag === DURATION.seconds) millis += Number(reader.int64()) * 1000
    else if (tag === DURATION.nanos) millis += Number(reader.int64()) / 1e6
    else return false
    return true
  })
  return millis
}

/** @param read  returns false for a field that it does not read */
function eachField(reader: ProtoReader, read: (tag: number) => boolean): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (!read(tag)) reader.skip(tag)
  }
}

/** Reads the message that begins here, to its end. */
function inside(reader: ProtoReader, read: () => void): void {
  const outer = reader.enter()
  read()
  reader.leave(outer)
}
