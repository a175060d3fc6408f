/**
 * Ports for programs that cannot be told "any free one", and that stay free while such a program is away and started again.
 *
 * The kernel takes none of them for an outgoing connection: they lie outside of its range. No other process of the tests takes one
 * either: each is claimed until this process ends, by a name in the same network as the port. The kernel lets go of the name when
 * the process is gone, however it ended.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** Below are those that services are known by. */
const LOWEST = 15_000
const END = 65_536
/** Fewer are too few for all files of the tests. */
const ENOUGH = 2_000
/** Between the places where two processes with neighbouring ids begin to look. */
const APART = 97

const { from, count } = usable()
let next = (process.pid * APART) % count

/** Free at the time of the call, and nobody else's until this process ends. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/** `wanted` different ones: all are held open until the last is known. */
export async function freePorts(wanted: number): Promise<readonly number[]> {
  const held = new Map<number, Server>()
  for (let looked = 0; held.size < wanted; looked++) {
    if (looked === count) throw new Error(`no port is free between ${from} and ${from + count}`)
    next = (next + 1) % count
    const port = from + next // `next` goes on while we wait, when two ask at once
    if (!(await claim(port))) continue
    const server = await listenOn({ port, host: '127.0.0.1' })
    if (server !== undefined) held.set(port, server)
  }
  for (const server of held.values()) {
    server.close()
    await once(server, 'close')
  }
  return [...held.keys()]
}

/** Never given back: a port that somebody else was found on stays claimed, too. */
async function claim(port: number): Promise<boolean> {
  // Names without a file are Linux's own; elsewhere two processes differ by where they begin.
  if (process.platform !== 'linux') return true
  const name = await listenOn({ path: `\0tracelog-test-port-${port}` })
  name?.unref()
  return name !== undefined
}

/** @returns `undefined` when somebody listens there, a port: on any address */
async function listenOn(where: { readonly port: number; readonly host: string } | { readonly path: string }) {
  const server = createServer()
  try {
    server.listen(where)
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}

/** The larger part that the kernel's range leaves; where it leaves too little, whatever is there. */
function usable(): { readonly from: number; readonly count: number } {
  const [low, high] = kernelRange()
  const below = { from: LOWEST, count: low - LOWEST }
  const above = { from: high + 1, count: END - high - 1 }
  const larger = below.count >= above.count ? below : above
  return larger.count >= ENOUGH ? larger : { from: LOWEST, count: END - LOWEST }
}

/** What outgoing connections and "any free port" get: the first and the last. */
function kernelRange(): readonly [number, number] {
  try {
    const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number)
    return [low!, high!]
  } catch {
    return [32_768, 60_999] // no Linux: theirs begins at 49152
  }
}
