/**
 * A plain OTLP object as OTLP/JSON text: ids in hex, other bytes in base64, doubles that JSON lacks as words.
 */

const IDS: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId'])

export function otlpJson(request: Record<string, unknown>): string {
  return JSON.stringify(request, (key, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString(IDS.has(key) ? 'hex' : 'base64')
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
    // JSON.stringify writes -0 as 0.
    return Object.is(value, -0) ? '-0' : value
  })
}
