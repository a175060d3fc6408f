/**
 * Ports for programs that cannot be told "any free one", and that stay free while such a program is away and started again.
 *
 * The kernel takes none of them for an outgoing connection: they lie outside of its range. No other process of the tests takes one
 * either: each is claimed until this process ends, by a name in the same network as the port. The kernel lets go of the name when
 * the process is gone, however it ended.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

import { portsToChoose } from '../../../src/cli/demo/port-range.ts'

/** Between the places where two processes with neighbouring ids begin to look. */
const APART = 97

const { from, count } = portsToChoose()
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
