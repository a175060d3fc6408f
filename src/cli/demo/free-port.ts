/**
 * For programs that take no port 0 for "any": one that was free a moment ago, and that nobody gets who does not ask for it by its number.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

import { portsToChoose, type PortRange } from './port-range.ts'

/** Before any free one will do. */
const TRIES = 20

/**
 * @param range  from which one is drawn
 * @param random  0 (included) to 1 (excluded): two demos that start together draw different ones
 */
export async function freePort(
  range: PortRange = portsToChoose(),
  random: () => number = Math.random,
): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- the next is drawn when this one is taken
    const port = await listenOnce(range.from + Math.floor(random() * range.count)).catch(() => undefined)
    if (port !== undefined) return port
  }
  return await listenOnce(0)
}

/** @returns the port that it was. @throws when it is taken */
async function listenOnce(asked: number): Promise<number> {
  const server = createServer().listen(asked, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
