/**
 * gateway-balancer.yaml before two real gateways:
 *
 *   sender -> balancer -> gateway 0 -> receiver 0
 *                      -> gateway 1 -> receiver 1      (receivers of the test: what left which gateway)
 *
 * All spans of one trace leave through one gateway, whichever service sent them in whichever request; so do all its records,
 * through the same or the other one (0.158.0 hashes the trace id differently for the two signals: seen here).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'

import { startReceiver, type Receiver } from '../../support/receiver.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { SIGNALS_PER_TRACE, sendTraces } from './sent-traces.ts'

const withOtelcol = requireServers('otelcol')
const folder = mkdtempSync(join(tmpdir(), 'tracelog-balancer-'))
let receivers: readonly Receiver[] = []
let gateways: Otelcol[] = []
let balancer: Otelcol

function startGateway(index: number, env: Readonly<Record<string, string>> = {}): Promise<Otelcol> {
  const { url } = receivers[index]!
  return startOtelcol({
    configs: ['gateway.yaml'],
    folder: join(folder, `gateway-${index}`),
    env: { TRACELOG_LOKI: url, TRACELOG_TEMPO: url, ...env },
  })
}

function startBalancer(configs: readonly string[], env: Readonly<Record<string, string>>): Promise<Otelcol> {
  return startOtelcol({
    configs: ['gateway-balancer.yaml', ...configs],
    folder: mkdtempSync(join(folder, 'balancer-')),
    env,
  })
}

function hostOf({ grpcUrl }: Otelcol): string {
  return new URL(grpcUrl).host
}

beforeAll(async () => {
  if (findServer('otelcol') === undefined) return
  receivers = await Promise.all([startReceiver(), startReceiver()])
  gateways = await Promise.all([startGateway(0), startGateway(1)])
  balancer = await startBalancer([], { TRACELOG_GATEWAYS: `[${gateways.map(hostOf).join(', ')}]` })
})
afterAll(async () => {
  await Promise.all([balancer, ...gateways].map((server) => server?.kill()))
  await Promise.all(receivers.map((receiver) => receiver.close()))
  rmSync(folder, { recursive: true, force: true })
})

/** How many of the trace's spans, then of its records, left through each gateway. */
function passedBy(id: string): readonly [spans: readonly number[], records: readonly number[]] {
  return [
    receivers.map(({ receivedSpans }) => receivedSpans.filter(({ span }) => span.traceId === id).length),
    receivers.map(({ receivedLogs }) => receivedLogs.filter(({ record }) => record.traceId === id).length),
  ]
}

/** All through one gateway, each once. */
function isWhole(counts: readonly number[]): boolean {
  return counts.includes(SIGNALS_PER_TRACE) && counts.every((count) => count === 0 || count === SIGNALS_PER_TRACE)
}

async function expectWhole(ids: readonly string[]): Promise<void> {
  await expect.poll(() => ids.filter((id) => !passedBy(id).every(isWhole)), { timeout: 60_000 }).toEqual([])
}

withOtelcol(
  'all spans of a trace leave through one gateway, so do its records, and both gateways have work',
  async () => {
    const ids = await sendTraces(balancer.httpUrl, 60)
    await expectWhole(ids)
    for (const signal of [0, 1] as const) {
      const ofFirst = ids.filter((id) => passedBy(id)[signal][0] === SIGNALS_PER_TRACE).length
      // By chance one of them would have fewer than 5 of 60 once in 10 billion runs.
      expect(Math.min(ofFirst, 60 - ofFirst)).toBeGreaterThanOrEqual(5)
    }
  },
)

withOtelcol('what waits for a gateway that was killed arrives there when it is back: nothing is lost', async () => {
  await gateways[1]!.kill()
  const ids = await sendTraces(balancer.httpUrl, 20)
  const [{ env }] = [gateways[1]!]
  gateways[1] = await startGateway(1, env)
  await expectWhole(ids)
})

withOtelcol('a balancer that is killed with a full queue hands it on after its next start', async () => {
  await Promise.all(gateways.map((gateway) => gateway.kill()))
  const own = await startBalancer([], { TRACELOG_GATEWAYS: `[${gateways.map(hostOf).join(', ')}]` })
  const ids = await sendTraces(own.httpUrl, 20)
  await own.kill()
  gateways = await Promise.all(gateways.map(({ env }, index) => startGateway(index, env)))
  const again = await startBalancer([], own.env)
  onTestFinished(() => again.kill())
  await expectWhole(ids)
})

withOtelcol('with gateway-balancer-dns.yaml the gateways are found by their name', async () => {
  const byName = await startBalancer(['gateway-balancer-dns.yaml'], {
    TRACELOG_GATEWAY_NAME: 'localhost',
    TRACELOG_GATEWAY_PORT: new URL(gateways[0]!.grpcUrl).port,
  })
  onTestFinished(() => byName.kill())
  const ids = await sendTraces(byName.httpUrl, 5)
  await expectWhole(ids)
  expect(ids.every((id) => passedBy(id).every(([first]) => first === SIGNALS_PER_TRACE))).toBe(true)
})
