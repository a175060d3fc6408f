/** A real nats-server with JetStream on loopback. Needs `requireServers('nats-server')`. */
import { freePort } from './free-port.ts'
import { findServer } from './program.ts'
import { listens, startServer, type ServerProcess } from './server-process.ts'

export interface Nats extends ServerProcess {
  readonly port: number
}

/** @param folder  where JetStream keeps its streams */
export async function startNats(folder: string): Promise<Nats> {
  const program = findServer('nats-server')
  if (program === undefined) throw new Error('nats-server cannot be had here')
  const port = await freePort()
  const args = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder]
  const server = await startServer({ name: 'nats-server', program, args, isReady: () => listens(port) })
  return { ...server, port }
}
