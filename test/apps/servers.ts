/**
 * The servers that the applications need, each started for one of them, and what it is told of them by its environment.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startFerretdb } from '../support/servers/ferretdb.ts'
import { startKafka } from '../support/servers/kafka.ts'
import { startMariadb } from '../support/servers/mariadb.ts'
import { startMemcached } from '../support/servers/memcached.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRabbitMq } from '../support/servers/rabbitmq.ts'
import { startRedis } from '../support/servers/redis.ts'

export interface Servers {
  /** What the second run must not find of the first has another name. */
  env(run: number): Readonly<Record<string, string>>
  stop(): Promise<unknown>
}

export const none = (): Promise<Servers> => Promise.resolve({ env: () => ({}), stop: () => Promise.resolve() })

export async function postgres(): Promise<Servers> {
  const server = await startPostgres()
  const url = `postgres://${server.user}@127.0.0.1:${server.port}/${server.database}`
  return { env: () => ({ DATABASE_URL: url }), stop: () => server.stop() }
}

export async function mariadb(): Promise<Servers> {
  const server = await startMariadb()
  const url = `mysql://${server.user}@127.0.0.1:${server.port}/mysql`
  return { env: () => ({ DATABASE_URL: url }), stop: () => server.stop() }
}

export async function redis(): Promise<Servers> {
  const server = await startRedis(tmpdir())
  return { env: (run) => ({ REDIS_URL: `${server.url}/${run}` }), stop: () => server.stop() }
}

/** One for each run: it has one room for all keys. */
export async function memcached(): Promise<Servers> {
  const each = await Promise.all([startMemcached(), startMemcached()])
  return {
    env: (run) => ({ MEMCACHED: `127.0.0.1:${each[run]!.port}` }),
    stop: () => Promise.all(each.map((server) => server.stop())),
  }
}

export async function kafka(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-kafka-'))
  const server = await startKafka(folder)
  return {
    env: (run) => ({ KAFKA_BROKERS: server.broker, KAFKA_GROUP: `ledger-${run}`, KAFKAJS_NO_PARTITIONER_WARNING: '1' }),
    async stop() {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function rabbitAndMongo(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-rabbit-'))
  const [rabbit, mongo] = await Promise.all([startRabbitMq(folder), startFerretdb()])
  return {
    env: () => ({ AMQP_URL: rabbit.url, MONGODB_URL: mongo.url }),
    async stop() {
      await Promise.all([rabbit.kill(), mongo.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
