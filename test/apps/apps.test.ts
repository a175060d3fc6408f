/**
 * Small real applications, run unchanged under `node --import @org/tracelog/register`: one request each, whose tree is the one beside
 * it (expected-tree.txt), with every line of every process; and each prints and answers what it does without us.
 *
 * To write the trees anew: `npx vitest run --config test/vitest.config.ts test/apps -u`; then read what has changed.
 */
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, type test } from 'vitest'

import { installApplication, type Application, type RunningApplication } from '../support/applications.ts'
import { startDevBackend, type DevBackend } from '../support/dev-backend.ts'
import { maskedOutput, maskedTree } from '../support/masked.ts'
import { requireProgram } from '../support/require.ts'
import { startMariadb, testWithMariadb } from '../support/servers/mariadb.ts'
import { startPostgres, testWithPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'

type Env = Readonly<Record<string, string>>

interface Servers {
  /** What the application is told of them; a second run finds nothing of the first. */
  env(run: number): Env
  stop(): Promise<unknown>
}

interface Case extends Application {
  readonly it: typeof test
  servers(): Promise<Servers>
  /** As `METHOD /path`, sent to the script `start`. */
  readonly request: string
  readonly body?: unknown
  /** What a script prints last of all that the request causes. */
  readonly last?: Readonly<Record<string, string>>
  readonly env?: Env
}

const CASES: readonly Case[] = [
  {
    folder: 'fastify-pino-postgres',
    it: testWithPostgres,
    servers: async () => {
      const postgres = await startPostgres()
      const { port, user, database } = postgres
      const url = `postgres://${user}@127.0.0.1:${port}/${database}`
      return { env: () => ({ DATABASE_URL: url }), stop: () => postgres.stop() }
    },
    scripts: ['inventory', 'start'],
    request: 'GET /orders/7',
  },
  {
    folder: 'koa-bunyan-mysql',
    it: testWithMariadb,
    servers: async () => {
      const mariadb = await startMariadb()
      const url = `mysql://${mariadb.user}@127.0.0.1:${mariadb.port}/mysql`
      return { env: () => ({ DATABASE_URL: url }), stop: () => mariadb.stop() }
    },
    scripts: ['start'],
    request: 'POST /books/0131103628/loans/Ada',
  },
  {
    folder: 'express-winston-bullmq',
    it: requireProgram('redis-server'),
    servers: async () => {
      const redis = await startRedis(tmpdir())
      return { env: (run) => ({ REDIS_URL: `${redis.url}/${run}` }), stop: () => redis.stop() }
    },
    scripts: ['worker', 'start'],
    saysReady: { worker: '"ready"' },
    request: 'POST /signups',
    body: { email: 'ada@example.com' },
    last: { worker: 'mail sent' },
  },
]

let backend: DevBackend
beforeAll(async () => {
  backend = await startDevBackend()
})
afterAll(() => backend.stop())

for (const each of CASES) {
  each.it(each.folder, { timeout: 120_000 }, async () => {
    const installed = installApplication(each)
    const servers = await each.servers()
    try {
      const start = (run: number, env: Env = {}): Promise<RunningApplication> =>
        installed.start({ isPreloaded: run === 0, env: { ...servers.env(run), ...each.env, ...env } })
      const heard = await start(0, { OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint })
      const answer = await ask(heard, each)
      const tree = await wholeTree(heard, answer.traceId, each)
      await expect(tree).toMatchFileSnapshot(treeFile(each))

      const bare = await start(1)
      const bareAnswer = await ask(bare, each)
      await expect.poll(() => outputOf(bare, each)).toEqual(outputOf(heard, each))
      expect(answer.said).toEqual(bareAnswer.said)
      await bare.stop()
    } finally {
      await servers.stop()
      installed.remove()
    }
  })
}

interface Answer {
  readonly said: string
  readonly traceId: string
}

/** A request as anybody sends it: which trace it became is told by the answer. */
async function ask(app: RunningApplication, { request, body }: Case): Promise<Answer> {
  const [method, path] = request.split(' ')
  const response = await fetch(app.url('start') + path, {
    method: method!,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', connection: 'close' } }),
  })
  const text = await response.text()
  const traceId = /00-([0-9a-f]{32})-/.exec(response.headers.get('server-timing') ?? '')?.[1] ?? ''
  return { said: maskedOutput(`${response.status} ${text}`), traceId }
}

/** Of all that is there when the application has done it all and has ended. */
async function wholeTree(app: RunningApplication, traceId: string, each: Case): Promise<string> {
  for (const [script, text] of Object.entries(each.last ?? {})) {
    await expect.poll(() => app.stdout(script), { timeout: 20_000 }).toContain(text)
  }
  const expected = expectedTree(each)
  const tree = async (): Promise<string> => maskedTree((await backend.run(['trace', traceId])).out)
  // Batches are under way: the end of a process waits for them, but not for ever.
  await expect
    .poll(tree, { timeout: 10_000 })
    .toBe(expected)
    .catch(() => {})
  await app.stop()
  return tree()
}

function expectedTree(each: Case): string {
  try {
    return readFileSync(treeFile(each), 'utf8')
  } catch {
    return ''
  }
}

function treeFile({ folder }: Case): string {
  return join(import.meta.dirname, folder, 'expected-tree.txt')
}

/** What each process printed. */
function outputOf(app: RunningApplication, { scripts }: Case): Readonly<Record<string, string>> {
  return Object.fromEntries(scripts.map((script) => [script, maskedOutput(app.stdout(script) + app.stderr(script))]))
}
