/**
 * How a request is written in its body, and how an answer's body is read: protobuf or JSON.
 */
import { decodeLogsRequest, decodeTracesRequest } from '../../model/otlp-decode.ts'
import { logsToJson, tracesToJson } from '../../model/otlp-json.ts'
import type { OtlpProtocol } from '../otlp-endpoint.ts'
import { partialFromJson, partialFromProtobuf, type PartialSuccess } from './partial-success.ts'
import type { ExportRequest } from './transport.ts'

export interface Encoding {
  readonly contentType: string
  /** @throws OtlpDecodeError when the bytes are no request, which would be a fault of ours */
  readonly encode: (request: ExportRequest) => Uint8Array
  /** @throws when it is no answer of OTLP */
  readonly readPartial: (body: Uint8Array) => PartialSuccess
}

export const PROTOBUF: Encoding = {
  contentType: 'application/x-protobuf',
  encode: ({ bytes }) => bytes,
  readPartial: partialFromProtobuf,
}

/** What was encoded once as protobuf is read back and written anew, in the worker's time. */
export const JSON_ENCODING: Encoding = {
  contentType: 'application/json',
  encode: ({ signal, bytes }) => {
    const json = signal === 'logs' ? logsToJson(decodeLogsRequest(bytes)) : tracesToJson(decodeTracesRequest(bytes))
    return Buffer.from(JSON.stringify(json))
  },
  readPartial: partialFromJson,
}

/** gRPC has one only, protobuf. */
export const ENCODINGS: Readonly<Record<Exclude<OtlpProtocol, 'grpc'>, Encoding>> = {
  'http/protobuf': PROTOBUF,
  'http/json': JSON_ENCODING,
}
