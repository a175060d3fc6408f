/**
 * Which applications there are, what each needs, and the request that is asked of it.
 */
import { test } from 'vitest'

import { buildWithNext, buildWithTypeScript, isInstalled, type Application } from '../support/applications.ts'
import { requireProgram, requireThat } from '../support/require.ts'
import { testWithMariadb } from '../support/servers/mariadb.ts'
import { testWithMemcached } from '../support/servers/memcached.ts'
import { testWithPostgres } from '../support/servers/postgres.ts'
import { requireServers } from '../support/servers/program.ts'
import { hasRabbitMq, requireRabbitMq } from '../support/servers/rabbitmq.ts'
import * as servers from './servers.ts'

/** One request to the script `start`. */
export interface Asked {
  /** As `METHOD /path`. */
  readonly request: string
  readonly body?: unknown
  /** What a script prints last of all that the request causes. */
  readonly last?: Readonly<Record<string, string>>
}

export interface ApplicationCase extends Application, Asked {
  readonly it: typeof test
  servers(): Promise<servers.Servers>
  /** A second one, which fails: its tree is in expected-failure.txt. */
  readonly failing?: Asked
  readonly env?: Readonly<Record<string, string>>
}

export const CASES: readonly ApplicationCase[] = [
  {
    folder: 'fastify-pino-postgres',
    it: testWithPostgres,
    servers: servers.postgres,
    scripts: ['inventory', 'start'],
    request: 'GET /orders/7',
  },
  {
    folder: 'koa-bunyan-mysql',
    it: testWithMariadb,
    servers: servers.mariadb,
    scripts: ['start'],
    request: 'POST /books/0131103628/loans/Ada',
    failing: { request: 'POST /books/0131103628/loans/Bob' },
  },
  {
    folder: 'express-winston-bullmq',
    it: requireProgram('redis-server'),
    servers: servers.redis,
    scripts: ['worker', 'start'],
    saysReady: { worker: '"ready"' },
    request: 'POST /signups',
    body: { email: 'ada@example.com' },
    last: { worker: 'mail sent' },
  },
  {
    folder: 'nest-graphql',
    it: test,
    servers: servers.none,
    set: 'between',
    build: buildWithTypeScript,
    scripts: ['ratings', 'start'],
    request: 'POST /graphql',
    body: { query: 'query Shelf { book(id: "1") { title rating } }' },
    env: { TRACELOG_CAPTURE_STDIO: 'on' },
  },
  {
    folder: 'grpc-gateway',
    it: test,
    servers: servers.none,
    scripts: ['pricing', 'start'],
    request: 'GET /prices/blanket?quantity=2',
  },
  {
    folder: 'hono-memcached',
    it: testWithMemcached,
    servers: servers.memcached,
    scripts: ['station', 'start'],
    request: 'GET /weather/oslo',
  },
  {
    folder: 'hapi-kafka',
    it: requireServers('kafka'),
    servers: servers.kafka,
    scripts: ['ledger', 'start'],
    saysReady: { ledger: 'in the group' },
    request: 'PUT /payments/p-17',
    body: { cents: 1999 },
    last: { ledger: 'booked' },
    failing: { request: 'PUT /payments/p-18', body: { cents: 0 }, last: { start: 'payment failed' } },
  },
  {
    folder: 'proxy-in-front',
    it: test,
    servers: servers.none,
    scripts: ['users', 'carts', 'start'],
    request: 'GET /carts/7',
  },
  {
    folder: 'next-storefront',
    it: requireThat(isInstalled('next-storefront'), 'needs Next, 341 MB; to get it: node .ci/setup.mjs --next'),
    servers: servers.none,
    set: 'own',
    build: buildWithNext,
    scripts: ['warehouse', 'start'],
    request: 'GET /products/7',
    env: { NEXT_TELEMETRY_DISABLED: '1' },
  },
  {
    folder: 'typescript-rabbitmq-mongodb',
    it: hasRabbitMq ? requireServers('ferretdb') : requireRabbitMq,
    servers: servers.rabbitAndMongo,
    scripts: ['seller', 'start'],
    saysReady: { seller: '"open"' },
    request: 'POST /orders',
    body: { show: 'Hamlet', seats: 2 },
    last: { seller: '"sold"' },
    failing: { request: 'POST /orders', body: { show: 'Hamlet', seats: 900 }, last: { seller: 'not sold' } },
  },
]
