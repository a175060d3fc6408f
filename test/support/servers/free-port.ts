/**
 * Ports that nobody listens on, for programs that cannot be told "any free one", and that stay free while such a program is
 * started again: the kernel takes none of them for an outgoing connection (Linux begins at 32768).
 *
 * Each process of the tests begins at a place of its own and goes on from there, so that two do not hand out the same one.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

const FROM = 15_000
const COUNT = 17_000
/** Between the places of two processes with neighbouring ids: more than a test file needs. */
const APART = 97

let next = (process.pid * APART) % COUNT

/** Free at the time of the call, and never handed out before by this process. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/** `count` different ones: all are held open until the last is known. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held = new Map<number, Server>()
  while (held.size < count) {
    next = (next + 1) % COUNT
    const port = FROM + next // `next` goes on while we wait, when two ask at once
    const server = await listenOn(port)
    if (server !== undefined) held.set(port, server)
  }
  for (const server of held.values()) {
    server.close()
    await once(server, 'close')
  }
  return [...held.keys()]
}

/** @returns `undefined` when somebody listens there, on any address */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}
