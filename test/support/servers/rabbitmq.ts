/**
 * A real RabbitMQ on loopback, with a name, a cookie and a port mapper of its own, so that it meets no other Erlang of the machine.
 *
 * Needs `requireRabbitMq`. The program on the PATH is Debian's, which works in its own folder and as its own user only, and starts a
 * broker whatever it is asked, also for its version: nobody runs it, what it would start is started here.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { test } from 'vitest'

import { requireThat } from '../require.ts'
import { freePorts } from './free-port.ts'
import { listens, startServer, type ServerProcess } from './server-process.ts'

export interface RabbitMq extends ServerProcess {
  readonly url: string
}

const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server'

export const hasRabbitMq: boolean = existsSync(PROGRAM)

/** `test`, or a skipped test that says how to get it. */
export const requireRabbitMq: typeof test = requireThat(
  hasRabbitMq,
  'needs rabbitmq-server; to get it: apt-get install -y rabbitmq-server',
)

/** @param folder  all that it keeps */
export async function startRabbitMq(folder: string): Promise<RabbitMq> {
  const [port, distribution, mapper] = (await freePorts(3)).map(String) as [string, string, string]
  // Erlang would start one that outlives it.
  const epmd = await startServer({
    name: 'epmd',
    program: 'epmd',
    args: ['-port', mapper, '-address', '127.0.0.1'],
    isReady: () => listens(Number(mapper)),
  })
  const server = await startServer({
    name: 'rabbitmq-server',
    program: PROGRAM,
    args: [],
    cwd: folder,
    env: environment(folder, { port, distribution, mapper }),
    isReady: () => listens(Number(port)),
  }).catch(async (error: unknown) => {
    await epmd.kill()
    throw error
  })
  const both = (end: 'stop' | 'kill') => async () => {
    await server[end]()
    await epmd.kill()
  }
  return { ...server, url: `amqp://guest:guest@127.0.0.1:${port}`, stop: both('stop'), kill: both('kill') }
}

interface Ports {
  readonly port: string
  readonly distribution: string
  readonly mapper: string
}

function environment(folder: string, { port, distribution, mapper }: Ports): Record<string, string> {
  const none = join(folder, 'none')
  return {
    HOME: folder,
    ERL_EPMD_PORT: mapper,
    // The script becomes the broker, and does not wait for it: it is ended by its own pid.
    RUNNING_UNDER_SYSTEMD: '1',
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: port,
    RABBITMQ_DIST_PORT: distribution,
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: none,
    RABBITMQ_CONF_ENV_FILE: none,
    RABBITMQ_CONFIG_FILE: none,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2',
  }
}
