/**
 * pg against a real PostgreSQL: each query is a hop of the request that asked, its code goes on in that request, and no frame is ours.
 *
 *   GET /promise                    tracelog.http.server.end  db_calls 1, db_ms
 *   └─ SELECT orders  (client)      db.query.text without values
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild } from '../../support/child.ts'
import { libraryProgram, type LibrarySet } from '../../support/libraries.ts'
import { NODE_VERSIONS } from '../../support/nodes.ts'
import { runCases, type CaseResult, type CasesResult } from '../../support/request-cases.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { startPostgres, testWithPostgres, type TestPostgres } from '../../support/servers/postgres.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of testWithPostgres are tests */
const it = testWithPostgres

let server: TestPostgres | undefined
let env: Record<string, string>
beforeAll(async () => {
  server = await startPostgres().catch(() => undefined)
  env = { PGHOST: '127.0.0.1', PGPORT: String(server?.port), DEAD_PORT: String(await freePort()) }
}, 60_000)
afterAll(() => server?.stop())

const named = (result: CaseResult | undefined) => result?.calls.map(({ name }) => name)
const told = (result: CaseResult | undefined) =>
  result?.calls.map(({ name, attributes, statusMessage }) => [
    name,
    attributes['error.type'],
    attributes['db.response.status_code'],
    statusMessage,
  ])

/** What each case does, in all versions. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  promise: ['promise afterwards'],
  callback: ['callback called back 1', 'callback timer'],
  prepared: ['prepared afterwards'],
  transaction: [],
  error: ['error caught 42P01', 'error caught 22P02'],
  errorCallback: ['errorCallback called back 42601'],
  events: ['events row 1', 'events row 2'],
  refused: ['refused caught ECONNREFUSED'],
  noDatabase: ['noDatabase caught 3D000'],
  killed: ['killed caught 57P01', 'killed caught'],
  ...Object.fromEntries(
    ['waitsA', 'waitsB', 'waitsC'].map((name) => [
      name,
      ['connected', 'slept', 'released', 'afterwards'].map((place) => `${name} ${place}`),
    ]),
  ),
}
const OF_STREAMS = { stream: ['stream read 250'], cursor: ['cursor read 1', 'cursor caught 42P01'] }

const NAMES: Readonly<Record<string, readonly string[]>> = {
  promise: ['SELECT orders'],
  callback: ['SELECT orders'],
  prepared: ['UPDATE orders', 'UPDATE orders'],
  transaction: ['BEGIN postgres', 'DELETE orders', 'ROLLBACK postgres'],
  events: ['SELECT orders'],
  waitsA: ['SELECT postgres', 'SELECT orders'],
  waitsB: ['SELECT postgres', 'SELECT orders'],
  waitsC: ['SELECT postgres', 'SELECT orders'],
}

function lines({ cases }: CasesResult): unknown {
  return Object.fromEntries(Object.entries(cases).map(([name, { lines: each }]) => [name, each]))
}

const ESM_NEWEST = { set: 'newest', program: 'databases/pg.mjs' } as const
const CJS_OLDEST = { set: 'oldest', program: 'databases/pg.cjs' } as const
const RUNS = [
  ...NODE_VERSIONS.flatMap((node) => [
    { ...ESM_NEWEST, node },
    { ...CJS_OLDEST, node },
  ]),
  { ...ESM_NEWEST, set: 'oldest', node: process.versions.node },
  { ...CJS_OLDEST, set: 'newest', node: process.versions.node },
] as const

describe.each(RUNS)('$set pg, $program, Node $node', ({ node, set, program }) => {
  it('each query is a hop of its request, and so is all that follows', { timeout: 60_000 }, async () => {
    const result = await runCases({ program, set, node, env })
    const { cases, end } = result
    expect({ code: end.code, frames: /frames of ours.*/.exec(end.stdout)?.[0] }).toEqual({ code: 0, frames: undefined })
    const hasStreams = set === 'newest'
    expect(lines(result)).toEqual({ ...LINES, ...(hasStreams ? OF_STREAMS : {}) })
    for (const [name, names] of Object.entries(NAMES)) expect([name, named(cases[name])]).toEqual([name, names])
    expect(cases['transaction']?.completion).toMatchObject({
      'tracelog.db.calls': 3,
      'tracelog.db.ms': expect.any(Number) as number,
    })
    expect(told(cases['error'])).toEqual([
      ['SELECT nowhere', '42P01', '42P01', 'relation "nowhere" does not exist'],
      ['SELECT postgres', '22P02', '22P02', 'invalid input syntax for type integer: ?'],
    ])
    expect(told(cases['errorCallback'])).toEqual([
      ['SELECT postgres', '42601', '42601', 'unterminated quoted string at or near ?'],
    ])
    expect(told(cases['refused'])).toEqual([
      ['connect postgres', 'ECONNREFUSED', undefined, `connect ECONNREFUSED 127.0.0.1:${env['DEAD_PORT']}`],
    ])
    expect(told(cases['noDatabase'])).toEqual([['connect none', '3D000', '3D000', 'database "none" does not exist']])
    expect(told(cases['killed'])).toEqual([
      ['SELECT postgres', '57P01', '57P01', 'terminating connection due to administrator command'],
      ['SELECT', '_OTHER', undefined, ''],
    ])
    if (hasStreams) {
      expect(named(cases['stream'])).toEqual(['SELECT postgres'])
      expect(told(cases['cursor'])).toEqual([
        ['SELECT orders', undefined, undefined, ''],
        ['SELECT nowhere', '42P01', '42P01', 'relation "nowhere" does not exist'],
      ])
    }
    expect(JSON.stringify(Object.values(cases).map(({ calls }) => calls.map((call) => call.attributes)))).not.toMatch(
      /shop\.test|my secret/,
    )
  })
})

it('a span says where it asked and what, by the semantic conventions', { timeout: 60_000 }, async () => {
  const { cases } = await runCases({ program: 'databases/pg.cjs', set: 'newest', env })
  expect(cases['callback']?.calls[0]).toMatchObject({
    kind: 3,
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'postgres',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'orders',
      'db.query.summary': 'SELECT orders',
      'db.query.text': 'SELECT mail FROM orders WHERE mail = ? AND id = $1',
      'server.address': '127.0.0.1',
      'server.port': server?.port,
      'tracelog.component': 'client',
    },
  })
})

it('switched off, nothing is recorded and all runs as it does', { timeout: 60_000 }, async () => {
  const off = { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg' }
  const { cases, outside, end } = await runCases({ program: 'databases/pg.cjs', set: 'newest', env: off })
  expect([end.code, outside, Object.values(cases).flatMap(({ calls }) => calls)]).toEqual([0, [], []])
})

test.each<LibrarySet>(['oldest', 'newest'])('%s: its objects look as they do without us', async (set) => {
  const [bare, heard] = await Promise.all(
    (['none', 'require'] as const).map((preload) =>
      runChild(libraryProgram('databases/pg-looks.cjs', set), {
        preload,
        env: { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
      }),
    ),
  )
  expect(bare?.stdout).toContain('Client')
  expect(heard?.stdout).toBe(bare?.stdout)
})
