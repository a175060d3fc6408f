/** Ports that nobody listens on, for programs that cannot be told "any free one". */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Free at the time of the call. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/** `count` different ones: all are held open until the last is known. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(
    servers.map((server) => {
      server.close()
      return once(server, 'close')
    }),
  )
  return ports
}
