/**
 * Durations of calls, queries and messages against real servers: as many as there are spans of them, by their attributes.
 *
 * The others stand with the tests of their libraries, whose servers run there.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { SPAN_KIND } from '../../src/model/span-record.ts'
import { runChild } from '../support/child.ts'
import { libraryProgram } from '../support/libraries.ts'
import {
  DATABASE_CALLS,
  expectMeasured,
  HANDLED_MESSAGES,
  METRICS_ON,
  SENT_MESSAGES,
} from '../support/measured-hops.ts'
import { startQueueApp } from '../support/queue-kit.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { freePort } from '../support/servers/free-port.ts'
import { startNats } from '../support/servers/nats.ts'
import { startPostgres, testWithPostgres } from '../support/servers/postgres.ts'
import { requireServers } from '../support/servers/program.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of testWithPostgres and requireServers are tests */

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

test('calls of gRPC, served and sent', async () => {
  const { code } = await runChild(libraryProgram('grpc/calls.cjs', 'newest'), {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...METRICS_ON },
    args: ['say', 'sum', 'notFound'],
    flushesAtEnd: true,
  })
  expect(code).toBe(0)
  const by = ['rpc.service', 'rpc.method', 'rpc.grpc.status_code']
  const expected = { 'test.Greeter Sum 0': 1, 'test.Greeter Fail 5': 1 }
  expectMeasured(receiver, { metric: 'rpc.server.duration', kind: SPAN_KIND.server, has: 'rpc.system', by }, expected)
  expectMeasured(receiver, { metric: 'rpc.client.duration', kind: SPAN_KIND.client, has: 'rpc.system', by }, expected)
  expect(receiver.receivedMetrics.findLast(({ name }) => name === 'rpc.server.duration')?.unit).toBe('ms')
}, 60_000)

testWithPostgres('queries of PostgreSQL', { timeout: 60_000 }, async () => {
  const server = await startPostgres()
  try {
    const { code } = await runChild(libraryProgram('databases/pg.cjs', 'newest'), {
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        DEAD_PORT: String(await freePort()),
        ...METRICS_ON,
      },
      flushesAtEnd: true,
    })
    expect(code).toBe(0)
  } finally {
    await server.stop()
  }
  expectMeasured(receiver, DATABASE_CALLS, { 'DELETE orders  ': 1, 'SELECT nowhere 42P01 42P01': 2 })
})

requireServers('nats-server')('messages of NATS, sent and handled', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-nats-'))
  const nats = await startNats(folder)
  try {
    const env = { NATS_PORT: String(nats.port), STREAMS: 'off', ...METRICS_ON }
    const app = await startQueueApp(receiver, { program: 'messaging/nats.cjs', set: 'newest', node: '24.21.0', env })
    const [sent, failing] = [await app.ask('/send?n=7'), await app.ask('/failing')]
    await sent.until('both', () => sent.ends().length === 1 && failing.ends().length === 1)
    await app.end()
  } finally {
    await nats.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const by = ['messaging.destination.name', 'error.type']
  expectMeasured(receiver, { ...SENT_MESSAGES, by }, { 'orders.eu ': 1, 'failing ': 1 })
  expectMeasured(receiver, { ...HANDLED_MESSAGES, by }, { 'orders.* ': 1, 'failing NO_STOCK': 1 })
})
