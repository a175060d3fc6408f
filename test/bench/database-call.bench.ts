/**
 * What does a query of pg cost more on the main thread when it is a hop, up to the encoded bytes of its span?
 *
 * `SELECT … WHERE id = $1` by promise and by callback, against a real PostgreSQL, in the context of a request; alternately by a
 * copy of pg that is hooked and by one that is not, in one process. The CPU of its main thread counts: the server's is not in it.
 * Run: node test/bench/database-call.bench.ts
 */
import { createRequire } from 'node:module'

import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'

import { createDatabaseInstrumentations } from '../../src/capture/database/database-instrumentations.ts'
import { RequestUnit, withUnit } from '../../src/context/request-unit.ts'
import { SpanIds } from '../../src/context/span-ids.ts'
import { encodedKit } from '../support/encoded-kit.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { announce, median, table } from './support/figures.ts'

const CALLS = 500
const ROUNDS = 15
const WARM_UP = 4

interface PgClient {
  connect(): Promise<void>
  end(): Promise<void>
  query(text: string, values: readonly unknown[], done?: (error: unknown) => void): Promise<unknown>
}
interface Pg {
  readonly Client: new (place: object) => PgClient
}

const load = createRequire(new URL('../libraries/newest/package.json', import.meta.url))
const kit = encodedKit(true)
const hook = createDatabaseInstrumentations(kit.options).find(({ name }) => name === 'pg')!

/** A copy of its own each: a hook that is switched on and off would be paid for by V8, which compiles pg anew each time. */
const bare = load('pg') as Pg
for (const path of Object.keys(load.cache))
  if (/[\\/]pg(?:-\w+)?[\\/]/.test(path)) Reflect.deleteProperty(load.cache, path)
hook.enable()
const heard = load('pg') as Pg

const server = await startPostgres()
const { host, port, user, database } = server
const clients = await Promise.all([bare, heard].map(connected))
await clients[0]!.query('CREATE TABLE orders AS SELECT n AS id, n::text AS mail FROM generate_series(1, 1000) n', [])

async function connected({ Client }: Pg): Promise<PgClient> {
  const client = new Client({ host, port, user, database })
  await client.connect()
  return client
}

const TEXT = 'SELECT id, mail FROM orders WHERE id = $1'
const WAYS: Readonly<Record<string, (client: PgClient, id: number) => Promise<unknown>>> = {
  promise: (client, id) => client.query(TEXT, [id]),
  callback: (client, id) =>
    new Promise<void>((resolve, reject) => {
      void client.query(TEXT, [id], (error) => (error instanceof Error ? reject(error) : resolve()))
    }),
}

function inRequest<T>(run: () => Promise<T>): Promise<T> {
  const ids = SpanIds.ofRoot()
  const known = { traceId: ids.traceId, spanId: ids.spanId, traceFlags: 1 }
  const options = { ids, traceFlags: 1, method: 'GET', path: '/', startedMillis: 0, isPeerTrusted: false }
  return context.with(withUnit(trace.setSpanContext(ROOT_CONTEXT, known), new RequestUnit(options)), run)
}

async function microsPerQuery(ask: (id: number) => Promise<unknown>): Promise<number> {
  const start = process.threadCpuUsage()
  await inRequest(async () => {
    for (let id = 0; id < CALLS; id++) await ask(id)
  })
  const { user: own, system } = process.threadCpuUsage(start)
  kit.take()
  return (own + system) / CALLS
}

announce('What does a query of pg cost more when it is a hop?')
const rows: (string | number)[][] = []
for (const [name, ask] of Object.entries(WAYS)) {
  const figures: [number[], number[]] = [[], []]
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [at, client] of clients.entries()) {
      const micros = await microsPerQuery((id) => ask(client, id))
      if (round >= 0) figures[at]!.push(micros)
    }
  }
  const [without, as] = figures.map(median) as [number, number]
  rows.push([name, without, as, as - without, as / without])
}
table(['us of the main thread, median', 'bare', 'as a hop', 'more', 'ratio'], rows)
await Promise.all(clients.map((client) => client.end()))
await server.stop()
