/**
 * Which ports does the kernel leave to whoever names one? The range of those that it gives to outgoing connections, and to programs that
 * ask for any free one, is avoided: such a port is somebody else's a moment after it was found free.
 */
import { readFileSync } from 'node:fs'

export interface PortRange {
  readonly from: number
  readonly count: number
}

/** Below are those that services are known by. */
const LOWEST = 15_000
const END = 65_536
/** Fewer are too few for those who look at the same time. */
const ENOUGH = 2_000

/** The larger part that the kernel's range leaves; where it leaves too little, whatever is there. */
export function portsToChoose([low, high]: readonly [number, number] = kernelRange()): PortRange {
  const below = { from: LOWEST, count: low - LOWEST }
  const above = { from: high + 1, count: END - high - 1 }
  const larger = below.count >= above.count ? below : above
  return larger.count >= ENOUGH ? larger : { from: LOWEST, count: END - LOWEST }
}

/** The first and the last. */
function kernelRange(): readonly [number, number] {
  try {
    const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number)
    return [low!, high!]
  } catch {
    return [32_768, 60_999] // no Linux: theirs begins at 49152
  }
}
