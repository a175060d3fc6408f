/**
 * mysql2 against a real MariaDB: each query and prepared statement is a hop of the request that asked, and its code goes on in that request.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest'

import { runChild } from '../../support/child.ts'
import { libraryProgram } from '../../support/libraries.ts'
import { DATABASE_CALLS, expectMeasured, METRICS_ON } from '../../support/measured-hops.ts'
import { startReceiver } from '../../support/receiver.ts'
import { NODE_VERSIONS } from '../../support/nodes.ts'
import { runCases, type CaseResult } from '../../support/request-cases.ts'
import { freePort } from '../../support/servers/free-port.ts'
import { startMariadb, testWithMariadb, type TestMariadb } from '../../support/servers/mariadb.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of testWithMariadb are tests */
const it = testWithMariadb

let server: TestMariadb | undefined
let env: Record<string, string>
beforeAll(async () => {
  server = await startMariadb().catch(() => undefined)
  env = { MYSQL_PORT: String(server?.port), DEAD_PORT: String(await freePort()) }
}, 120_000)
afterAll(() => server?.stop())

const waiting = (name: string) => ({
  lines: ['connected', 'slept', 'released', 'afterwards'].map((place) => `${name} ${place}`),
  calls: [['SELECT shop'], ['SELECT orders']],
})

/** What its code says, and its calls: name, then what a failed one has. */
const EXPECTED: Readonly<Record<string, { readonly lines: readonly string[]; readonly calls: unknown }>> = {
  promise: { lines: ['promise afterwards'], calls: [['INSERT orders']] },
  prepared: { lines: ['prepared afterwards 1'], calls: [['SELECT orders']] },
  callback: { lines: ['callback called back 1', 'callback timer'], calls: [['SELECT orders']] },
  executed: { lines: ['executed called back'], calls: [['UPDATE orders']] },
  events: { lines: ['events ended'], calls: [['SELECT orders']] },
  error: {
    lines: ['error caught ER_NO_SUCH_TABLE', 'error caught ER_DUP_ENTRY'],
    calls: [
      ['SELECT nowhere', 'ER_NO_SUCH_TABLE', '1146', "Table ? doesn't exist"],
      ['INSERT orders', 'ER_DUP_ENTRY', '1062', 'Duplicate entry ?'],
    ],
  },
  errorCallback: {
    lines: ['errorCallback called back ER_PARSE_ERROR'],
    calls: [['SELECT shop', 'ER_PARSE_ERROR', '1064', expect.stringMatching(/near \? at line 1$/)]],
  },
  refused: {
    lines: ['refused caught ECONNREFUSED'],
    calls: [['connect shop', 'ECONNREFUSED', undefined, expect.stringContaining('connect ECONNREFUSED')]],
  },
  waitsA: waiting('waitsA'),
  waitsB: waiting('waitsB'),
  waitsC: waiting('waitsC'),
}

function told({ lines, calls }: CaseResult): object {
  const row = ({ name, attributes, statusMessage }: CaseResult['calls'][number]) =>
    attributes['error.type'] === undefined
      ? [name]
      : [name, attributes['error.type'], attributes['db.response.status_code'], statusMessage]
  return { lines, calls: calls.map(row) }
}

describe.each([
  ...NODE_VERSIONS.flatMap((node) => [
    { node, set: 'newest', program: 'databases/mysql2.mjs' } as const,
    { node, set: 'oldest', program: 'databases/mysql2.cjs' } as const,
  ]),
  { node: process.versions.node, set: 'newest', program: 'databases/mysql2.cjs' } as const,
  { node: process.versions.node, set: 'oldest', program: 'databases/mysql2.mjs' } as const,
])('$set mysql2, $program, Node $node', ({ node, set, program }) => {
  it('each call is a hop of its request, and so is all that follows', { timeout: 60_000 }, async () => {
    const { cases, end } = await runCases({ program, set, node, env })
    expect({ code: end.code, frames: /frames of ours.*/.exec(end.stdout)?.[0] }).toEqual({ code: 0, frames: undefined })
    const results = Object.entries(cases).map(([name, result]) => [name, told(result)] as const)
    expect(Object.fromEntries(results)).toEqual(EXPECTED)
    expect(cases['error']?.completion).toMatchObject({ 'tracelog.db.calls': 2 })
    expect(cases['prepared']?.calls[0]).toMatchObject({
      kind: 3,
      attributes: {
        'db.system.name': 'mysql',
        'db.namespace': 'shop',
        'db.collection.name': 'orders',
        'db.query.text': 'SELECT mail FROM orders WHERE id = ?',
        'server.address': '127.0.0.1',
        'server.port': server?.port,
      },
    })
    expect(JSON.stringify(Object.values(cases).map(({ calls }) => calls.map((call) => call.attributes)))).not.toMatch(
      /shop\.test|my secret/,
    )
  })
})

it('switched off, nothing is recorded and all runs as it does', { timeout: 60_000 }, async () => {
  const off = { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'mysql2' }
  const { cases, outside, end } = await runCases({ program: 'databases/mysql2.cjs', set: 'newest', env: off })
  expect([end.code, outside, Object.values(cases).flatMap(({ calls }) => calls)]).toEqual([0, [], []])
})

it('each call is measured once', { timeout: 60_000 }, async () => {
  const receiver = await startReceiver()
  const measured = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env, ...METRICS_ON }
  const { code } = await runChild(libraryProgram('databases/mysql2.cjs', 'newest'), {
    env: measured,
    flushesAtEnd: true,
  })
  await receiver.close()
  expect(code).toBe(0)
  expectMeasured(receiver, DATABASE_CALLS, { 'INSERT orders  ': 1, 'SELECT nowhere 1146 ER_NO_SUCH_TABLE': 1 })
})
