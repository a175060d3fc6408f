/**
 * Which headers are ours on a response, and what stands in them? The one list of them.
 *
 * They are added where the finished head goes out (response-head.ts, stream-head.ts): the application neither sees them nor
 * finds its own changed. Each is a line of its own; an entry of the application or of an upstream stays as it came.
 */
import type { RequestUnit } from '../../context/request-unit.ts'
import { formatTraceparent } from '../../model/trace-context.ts'
import type { HopOptions } from '../hop/hop-options.ts'

export type OwnHeaderOptions = Pick<HopOptions, 'responseContext' | 'sendsCacheStatus' | 'serviceName' | 'units'>

interface OwnHeader {
  readonly name: string
  /** Only where the application has none. */
  readonly givesWay: boolean
  /** `undefined`: not on this response, which has this status. */
  value(unit: RequestUnit, options: OwnHeaderOptions, status: number): string | undefined
}

const SERVER_TIMING: OwnHeader = {
  name: 'Server-Timing',
  givesWay: false,
  value(unit, { responseContext = 'trusted' }) {
    const isWanted = responseContext === 'on' || (responseContext === 'trusted' && unit.isPeerTrusted)
    return isWanted ? serverTiming(unit) : undefined
  },
}

const CACHE_STATUS: OwnHeader = {
  name: 'Cache-Status',
  givesWay: true,
  value(unit, { sendsCacheStatus = true, serviceName }) {
    if (!sendsCacheStatus || !unit.isPeerTrusted) return undefined
    const lastHit = unit.rolledUp?.lastHit
    return lastHit !== undefined ? cacheStatus(serviceName(), lastHit) : undefined
  },
}

/** In lower case, as it is read. */
export const DUMP_HEADER = 'tracelog-dump'

/** The trace of a request that is worth a dump: whoever asked keeps lines of it too. */
const TRACELOG_DUMP: OwnHeader = {
  name: 'Tracelog-Dump',
  givesWay: false,
  value(unit, { units }, status) {
    return unit.isPeerTrusted && units?.asksForDump(unit, status) === true ? unit.traceId : undefined
  },
}

const OWN_HEADERS: readonly OwnHeader[] = [SERVER_TIMING, CACHE_STATUS, TRACELOG_DUMP]

/**
 * Every common limit of a head is a multiple of it (nginx 4 and 8 KiB, Node and most others 16): a head that the
 * application has kept below one is not carried over it by us.
 */
const LIMIT_STEP = 4_096

/** A finished head, as each protocol writes it. */
export interface HeadFormat {
  /** @param name  in any case */
  has(head: string, name: string): boolean
  line(name: string, value: string): string
  statusOf(head: string): number
}

/** A proxy copies what its upstream has said: the next one is told what holds here. */
export function hasCopied(head: string, format: HeadFormat, unit: RequestUnit): boolean {
  return unit.hasUpstreams && format.has(head, DUMP_HEADER)
}

/** @returns our lines for this head; `''` when there are none, or no room */
export function ownLines(
  head: string,
  format: HeadFormat,
  { unit, options }: { readonly unit: RequestUnit; readonly options: OwnHeaderOptions },
): { readonly text: string; readonly count: number } {
  const status = format.statusOf(head)
  let text = ''
  let count = 0
  for (const header of OWN_HEADERS) {
    const { name, givesWay } = header
    const own = header.value(unit, options, status)
    if (own === undefined || (givesWay && format.has(head, name))) continue
    const longer = text + format.line(name, own)
    if (!hasRoom(head.length, longer.length)) continue
    text = longer
    count += 1
  }
  return { text, count }
}

function hasRoom(headLength: number, ownLength: number): boolean {
  return Math.floor(headLength / LIMIT_STEP) === Math.floor((headLength + ownLength) / LIMIT_STEP)
}

/** `trace;desc=00-<trace>-<span>-<flags>`. */
function serverTiming({ traceId, spanId, traceFlags }: RequestUnit): string {
  return `trace;desc=${formatTraceparent({ traceId, spanId, flags: traceFlags })}`
}

/** RFC 9211: `<cache>; hit` or `<cache>; fwd=miss`. */
export function cacheStatus(name: string, hit: boolean): string {
  const token = /^[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*$/.test(name)
  // Structured fields know printable ASCII only.
  const text = token ? name : `"${name.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, String.raw`\$&`)}"`
  return `${text}; ${hit ? 'hit' : 'fwd=miss'}`
}
