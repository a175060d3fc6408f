/**
 * Which trace and span does a header name? Ids and `traceparent` by W3C Trace Context level 2: parse all or drop.
 *
 * Pure. The other header of the pair is in trace-state.ts.
 */
import { MAX_TRACEPARENT, trimBlanks } from './header-text.ts'

/** What a `traceparent` carries. */
export interface Traceparent {
  /** 32 lowercase hex digits, not all zero. */
  readonly traceId: string
  /** 16 lowercase hex digits, not all zero. */
  readonly spanId: string
  /** 0 to 255; bits that we do not know are kept. */
  readonly flags: number
}

/** Bit 0: the caller recorded this trace. */
export const FLAG_SAMPLED = 0x01
/** Bit 1 (level 2): at least the low 7 bytes of the trace id are random. */
export const FLAG_RANDOM = 0x02

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Whether the text is a valid W3C trace id: 32 lowercase hex digits, not all zero. */
export function isTraceId(text: string): boolean {
  return text.length === 32 && TRACE_ID.test(text)
}

/** Whether the text is a valid W3C span id: 16 lowercase hex digits, not all zero. */
export function isSpanId(text: string): boolean {
  return text.length === 16 && SPAN_ID.test(text)
}

/**
 * Reads a `traceparent` header.
 *
 * A version above 00 is read by the rule for future versions: its first four fields count, more may follow after a dash,
 * and the version written onwards is ours. Blanks around the value are HTTP's and do not count; a folded header
 * (two values joined by a comma) is malformed.
 *
 * @returns `undefined` for anything malformed: the trace starts anew
 */
export function parseTraceparent(text: string): Traceparent | undefined {
  if (text.length > MAX_TRACEPARENT) return undefined
  const match = TRACEPARENT.exec(trimBlanks(text))
  if (match === null) return undefined

  const [, version = '', traceId = '', spanId = '', flags = '', rest] = match
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (rest?.includes(',')) return undefined
  if (!TRACE_ID.test(traceId) || !SPAN_ID.test(spanId)) return undefined
  return { traceId, spanId, flags: Number.parseInt(flags, 16) }
}

/** The `traceparent` of version 00 for an outgoing request. */
export function formatTraceparent(parent: Traceparent): string {
  return `00-${parent.traceId}-${parent.spanId}-${formatFlags(parent.flags)}`
}

/** Trace flags as two lowercase hex digits; only the low 8 bits count. */
export function formatFlags(flags: number): string {
  return HEX_BYTES[flags & 0xff] ?? '00'
}

const HEX_BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
