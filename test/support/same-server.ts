/**
 * One program of test/fixtures as several processes: bare, and with the preload under each HTTP engine, to compare what they
 * write byte for byte.
 */
import { once } from 'node:events'
import { connect } from 'node:net'

import { startChild, type RunningChild } from './child.ts'

export interface SameServer {
  readonly name: string
  readonly port: number
  readonly child: RunningChild
  stop(): Promise<void>
}

const ENV = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }

/** @param name  `bare`, or the engine */
export async function startSame(
  program: string,
  name: 'bare' | 'channels' | 'otel',
  node: string,
): Promise<SameServer> {
  const child = startChild(program, {
    preload: name === 'bare' ? 'none' : 'import',
    env: name === 'bare' ? {} : { ...ENV, TRACELOG_HTTP_ENGINE: name },
    node,
  })
  await child.prints('port ')
  return {
    name,
    child,
    port: Number(/port (\d+)/.exec(child.stdout())?.[1]),
    async stop() {
      child.kill('SIGTERM')
      await child.ended
    },
  }
}

/** Sends the text over a socket of its own. @returns all that comes until the other end closes, as latin1 */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'connect')
  socket.write(text)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}
