/**
 * Which libraries are heard, from which version on, up to which one tried, and what is made of each? The one home of that.
 *
 * What hooks them is in src/capture, which needs none of it to start. test/cli/doctor/supported-libraries.test.ts holds this table
 * to the versions that the tests run with and to the instrumentations there are, test/readme.test.ts the README to it.
 */

/**
 * `heard`: its lines are records. `hop`: its calls are spans. `route`: it names requests. `balancer`: what it forwards is recognised as such.
 * `counted`: its look-ups count into the request's record. `operation`: requests get the name of theirs. `error`: the one that it answers
 * with is told.
 */
export type Made = 'heard' | 'hop' | 'route' | 'balancer' | 'counted' | 'operation' | 'error'

export interface SupportedLibrary {
  /** As an application names it in its package.json; of redis the part that decides. */
  readonly package: string
  readonly made: Made
  /** As in OTEL_NODE_ENABLED_INSTRUMENTATIONS; absent: heard by what it does with node:http. */
  readonly instrumentation?: string
  /** The oldest version that is supported; absent: no older one than `tried` was run. */
  readonly from?: string
  /** The newest version that the tests run with. */
  readonly tried: string
  /** What of a version before `from` is missing, where that is known. */
  readonly older?: string
  /** From this version on it publishes what it does: copies in bundles and ES modules are heard too. Default: it is hooked by its files. */
  readonly publishesFrom?: string
  /** What is there of a copy that has ES modules only, which no hook sees. Default: nothing. */
  readonly ofEsModules?: string
  /** How a copy in a bundle is heard that cannot be found. Default: only by leaving it out of the bundle. */
  readonly handOver?: string
}

const NOT_COUNTED = 'its look-ups are counted after instrumentCache(instance, name) only'
const HAND_OVER_CACHE = 'instrumentCache(instance, name) of @org/tracelog'
const NO_LINES = 'its lines do not arrive'
const PUBLISHES_NOTHING = 'it publishes nothing, and its calls make no spans'

export const SUPPORTED_LIBRARIES: readonly SupportedLibrary[] = [
  {
    package: 'winston',
    instrumentation: 'winston',
    made: 'heard',
    from: '3.0.0',
    tried: '3.19.0',
    older: NO_LINES,
    handOver: 'instrumentWinston(winston) of @org/tracelog/winston',
  },
  {
    package: 'pino',
    instrumentation: 'pino',
    made: 'heard',
    from: '8.0.0',
    tried: '10.4.0',
    older: NO_LINES,
    publishesFrom: '9.10.0',
    handOver: 'instrumentPino(pino) of @org/tracelog/pino',
  },
  {
    package: 'bunyan',
    instrumentation: 'bunyan',
    made: 'heard',
    from: '1.8.0',
    tried: '2.0.5',
    older: NO_LINES,
    handOver: 'instrumentBunyan(bunyan) of @org/tracelog/bunyan',
  },
  { package: 'express', instrumentation: 'express', made: 'route', from: '4.16.0', tried: '5.3.0' },
  { package: 'fastify', instrumentation: 'fastify', made: 'route', from: '4.0.0', tried: '5.12.8' },
  { package: 'koa', instrumentation: 'koa', made: 'route', from: '2.0.0', tried: '3.3.0' },
  { package: '@hapi/hapi', instrumentation: 'hapi', made: 'route', from: '21.0.0', tried: '21.4.10' },
  {
    package: 'hono',
    instrumentation: 'hono',
    made: 'error',
    tried: '4.13.19',
    ofEsModules: 'errors of its handlers are not told; requestFields names the route, here as there',
  },
  {
    package: '@nestjs/core',
    instrumentation: 'nestjs-core',
    made: 'route',
    from: '10.0.0',
    tried: '12.5.1',
    ofEsModules: 'routes are named by express and fastify below it, errors of its handlers are not told',
  },
  {
    package: 'graphql',
    instrumentation: 'graphql',
    made: 'operation',
    from: '16.0.0',
    tried: '17.1.0',
    older: 'operations are not named',
    publishesFrom: '17.0.0',
  },
  {
    package: '@grpc/grpc-js',
    instrumentation: 'grpc',
    made: 'hop',
    from: '1.8.0',
    tried: '1.14.7',
    older: 'its clients make no spans and send no trace; its servers do',
  },
  { package: 'pg', instrumentation: 'pg', made: 'hop', from: '8.0.3', tried: '8.23.1' },
  {
    package: 'mysql2',
    instrumentation: 'mysql2',
    made: 'hop',
    from: '3.20.0',
    tried: '3.24.6',
    older: PUBLISHES_NOTHING,
    publishesFrom: '3.20.0',
  },
  { package: 'mongodb', instrumentation: 'mongodb', made: 'hop', from: '6.0.0', tried: '7.9.0' },
  {
    package: '@redis/client',
    instrumentation: 'redis',
    made: 'hop',
    from: '5.12.0',
    tried: '6.3.1',
    older: PUBLISHES_NOTHING,
    publishesFrom: '5.12.0',
  },
  {
    package: 'ioredis',
    instrumentation: 'ioredis',
    made: 'hop',
    from: '5.11.0',
    tried: '6.0.0',
    older: PUBLISHES_NOTHING,
    publishesFrom: '5.11.0',
  },
  { package: 'memcached', instrumentation: 'memcached', made: 'hop', tried: '2.2.2' },
  { package: 'memjs', instrumentation: 'memjs', made: 'hop', from: '1.3.0', tried: '1.3.2' },
  { package: 'lru-cache', instrumentation: 'lru-cache', made: 'counted', tried: '11.5.3', publishesFrom: '11.5.3' },
  {
    package: 'keyv',
    instrumentation: 'keyv',
    made: 'counted',
    from: '5.6.0',
    tried: '6.1.0',
    older: NOT_COUNTED,
    handOver: HAND_OVER_CACHE,
  },
  {
    package: 'cacheable',
    instrumentation: 'keyv',
    made: 'counted',
    from: '1.10.4',
    tried: '2.5.0',
    handOver: HAND_OVER_CACHE,
  },
  {
    package: 'cache-manager',
    instrumentation: 'keyv',
    made: 'counted',
    tried: '7.2.9',
    handOver: HAND_OVER_CACHE,
  },
  { package: 'node-cache', instrumentation: 'node-cache', made: 'counted', tried: '5.1.2' },
  {
    package: 'bullmq',
    instrumentation: 'bullmq',
    made: 'hop',
    from: '5.34.0',
    tried: '6.7.0',
    older: 'its jobs are in no trace',
  },
  { package: 'kafkajs', instrumentation: 'kafkajs', made: 'hop', from: '2.0.0', tried: '2.2.4' },
  { package: 'amqplib', instrumentation: 'amqplib', made: 'hop', from: '0.10.0', tried: '2.3.1' },
  { package: 'nats', instrumentation: 'nats', made: 'hop', from: '2.6.1', tried: '2.29.3' },
  { package: '@nats-io/transport-node', instrumentation: 'nats', made: 'hop', tried: '3.4.0' },
  { package: '@fastify/http-proxy', instrumentation: '@fastify/reply-from', made: 'balancer', tried: '11.6.3' },
  { package: 'express-http-proxy', instrumentation: 'express-http-proxy', made: 'balancer', tried: '2.1.2' },
  { package: 'http-proxy', made: 'balancer', tried: '1.18.1' },
  { package: 'http-proxy-3', made: 'balancer', tried: '2.0.1' },
  { package: 'http-proxy-middleware', made: 'balancer', tried: '4.2.2' },
  { package: 'httpxy', made: 'balancer', tried: '0.5.6' },
]
