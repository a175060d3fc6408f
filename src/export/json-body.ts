/**
 * The body of OTLP/HTTP JSON: what was encoded once as protobuf is read back and written anew, in the worker's time.
 */
import { decodeLogsRequest, decodeTracesRequest } from '../model/otlp-decode.ts'
import { logsToJson, tracesToJson } from '../model/otlp-json.ts'
import type { ExportRequest } from './worker-protocol.ts'

/** @throws OtlpDecodeError when the bytes are no request, which would be a fault of ours */
export function jsonBodyOf({ signal, bytes }: Pick<ExportRequest, 'signal' | 'bytes'>): Uint8Array {
  const json = signal === 'logs' ? logsToJson(decodeLogsRequest(bytes)) : tracesToJson(decodeTracesRequest(bytes))
  return Buffer.from(JSON.stringify(json))
}
