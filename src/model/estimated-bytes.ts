/**
 * How much memory does a record take, about? For limits that are asked at every record: adding up, no measuring.
 */
import type { AnyValue } from './any-value.ts'
import { NODE_BYTES, type LogRecord } from './log-record.ts'

/** The object itself, its times and ids. Bytes. Source: spec, recorder. */
export const RECORD_BYTES = 200
/** An attribute beside its text. Bytes. Source: the same. */
export const ATTRIBUTE_BYTES = 32

export function estimatedBytes({ body, attributes }: LogRecord): number {
  let bytes = RECORD_BYTES + (body === undefined ? 0 : bytesOfValue(body))
  for (const key in attributes) bytes += ATTRIBUTE_BYTES + bytesOfValue(attributes[key])
  return bytes
}

/** Values are as deep as model/js-value.ts lets them be. */
function bytesOfValue(value: AnyValue | undefined): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  if (value instanceof Uint8Array) return value.length
  let bytes = NODE_BYTES
  if (Array.isArray(value)) {
    for (const item of value as readonly AnyValue[]) bytes += NODE_BYTES + bytesOfValue(item)
    return bytes
  }
  for (const [key, item] of Object.entries(value as Readonly<Record<string, AnyValue>>))
    bytes += ATTRIBUTE_BYTES + key.length + bytesOfValue(item)
  return bytes
}
