/**
 * mongodb against FerretDB, which speaks MongoDB's protocol: each command is a hop of the request that asked, and the application's own
 * monitoring hears what it would hear without us. What MongoDB itself answers is not shown here.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest'

import { runChild } from '../../support/child.ts'
import { libraryProgram } from '../../support/libraries.ts'
import { DATABASE_CALLS, expectMeasured, METRICS_ON } from '../../support/measured-hops.ts'
import { startReceiver } from '../../support/receiver.ts'
import { NODE_VERSIONS } from '../../support/nodes.ts'
import { runCases, type CaseResult } from '../../support/request-cases.ts'
import { startFerretdb, type TestFerretdb } from '../../support/servers/ferretdb.ts'
import { requireServers } from '../../support/servers/program.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of requireServers are tests */
const it = requireServers('ferretdb')

let server: TestFerretdb | undefined
let env: Record<string, string>
beforeAll(async () => {
  server = await startFerretdb().catch(() => undefined)
  env = { MONGO_URL: server?.url ?? '' }
}, 60_000)
afterAll(() => server?.stop())

const waiting = (name: string) => ({
  lines: [`${name} found`, `${name} counted`],
  calls: [['find orders'], ['aggregate orders']],
})

/** What its code says, and its calls: name, then what a failed one has. */
const EXPECTED: Readonly<Record<string, { readonly lines: readonly string[]; readonly calls: unknown }>> = {
  insert: { lines: ['insert afterwards'], calls: [['insert orders']] },
  find: { lines: ['find found 25'], calls: [['find orders'], ['getMore orders'], ['getMore orders']] },
  aggregate: { lines: ['aggregate counted 1'], calls: [['aggregate orders']] },
  update: { lines: ['update afterwards'], calls: [['update orders'], ['delete orders']] },
  duplicate: {
    lines: ['duplicate caught 11000'],
    calls: [['insert orders', '11000', '11000', 'E11000 duplicate key error collection: shop.orders']],
  },
  refusedCommand: {
    lines: ['refusedCommand caught 59'],
    calls: [['noSuchCommand shop', 'CommandNotFound', '59', 'no such command: ?']],
  },
  monitored: {
    lines: [
      'monitored heard find started, find succeeded, noSuchCommand started, noSuchCommand failed',
      'monitored unasked 0',
    ],
    calls: [['find orders'], ['noSuchCommand shop', 'CommandNotFound', '59', 'no such command: ?']],
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
    { node, set: 'newest', program: 'databases/mongodb.mjs' } as const,
    { node, set: 'oldest', program: 'databases/mongodb.cjs' } as const,
  ]),
  { node: process.versions.node, set: 'newest', program: 'databases/mongodb.cjs' } as const,
  { node: process.versions.node, set: 'oldest', program: 'databases/mongodb.mjs' } as const,
])('$set mongodb, $program, Node $node', ({ node, set, program }) => {
  it('each command is a hop of its request, and so is all that follows', { timeout: 60_000 }, async () => {
    const { cases, outside, end } = await runCases({ program, set, node, env })
    expect({ code: end.code, frames: /frames of ours.*/.exec(end.stdout)?.[0] }).toEqual({ code: 0, frames: undefined })
    const results = Object.entries(cases).map(([name, result]) => [name, told(result)] as const)
    expect(Object.fromEntries(results)).toEqual(EXPECTED)
    // No hello, no end of sessions.
    expect(outside.map(({ name }) => name)).toEqual(['drop orders'])
    expect(cases['find']?.completion).toMatchObject({ 'tracelog.db.calls': 3 })
    expect(cases['find']?.calls[0]).toMatchObject({
      kind: 3,
      attributes: {
        'db.system.name': 'mongodb',
        'db.namespace': 'shop',
        'db.operation.name': 'find',
        'db.collection.name': 'orders',
        'server.address': '127.0.0.1',
        'server.port': server?.port,
      },
    })
    const said = Object.values(cases).flatMap(({ calls }) => calls.map((call) => [call.attributes, call.statusMessage]))
    expect(JSON.stringify(said)).not.toMatch(/shop\.test|my secret/)
  })
})

it('switched off, nothing is recorded and all runs as it does', { timeout: 60_000 }, async () => {
  const off = { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'mongodb' }
  const { cases, outside, end } = await runCases({ program: 'databases/mongodb.cjs', set: 'newest', env: off })
  expect([end.code, outside, Object.values(cases).flatMap(({ calls }) => calls)]).toEqual([0, [], []])
  expect(cases['monitored']?.lines).toEqual(EXPECTED['monitored']?.lines)
})

it('each call is measured once', { timeout: 60_000 }, async () => {
  const receiver = await startReceiver()
  const measured = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env, ...METRICS_ON }
  const { code } = await runChild(libraryProgram('databases/mongodb.cjs', 'newest'), {
    env: measured,
    flushesAtEnd: true,
  })
  await receiver.close()
  expect(code).toBe(0)
  expectMeasured(receiver, DATABASE_CALLS, { 'update orders  ': 1, 'insert orders 11000 11000': 1 })
})
