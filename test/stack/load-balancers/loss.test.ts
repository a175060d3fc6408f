/**
 * What is lost on the way from a load balancer's access log to the gateway when one of them ends, is killed or is rotated.
 *
 * Of nginx (a file) no record may be lost, of its spans those in memory when the Collector is killed; HAProxy's lines come over TCP
 * without acknowledgement: nothing while the Collector is away and the ring holds them, and as measured when either is killed.
 * Prints what it measured.
 */
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { setTimeout as pause } from 'node:timers/promises'

import { afterAll, beforeAll, beforeEach, expect, onTestFinished, vi } from 'vitest'

import { hasProgram, requireThat } from '../../support/require.ts'
import { startHaproxy, type Haproxy } from '../../support/servers/haproxy.ts'
import { startNginx, type Nginx } from '../../support/servers/nginx.ts'
import type { Otelcol } from '../../support/servers/otelcol.ts'
import { findServer } from '../../support/servers/program.ts'
import { recordLosses } from '../faults/support/losses.ts'
import { endsWithTest } from '../faults/support/stack.ts'
import { layWay, sendMany, sendWhile, startUpstream, tally, type Way } from './counting.ts'

const COUNT = 4_000
/** Nothing more comes: an exporter waits half as long at most between two attempts. */
const SILENCE_MILLIS = 60_000
const ARRIVAL_MILLIS = 300_000
vi.setConfig({ testTimeout: ARRIVAL_MILLIS + 180_000 })
const isThere = findServer('otelcol') !== undefined && hasProgram('nginx') && hasProgram('haproxy')
const withAll = requireThat(
  isThere,
  'needs otelcol, nginx and haproxy; to get them: node .ci/servers.mjs otelcol, apt-get install -y nginx haproxy',
)

const folder = mkdtempSync(join(tmpdir(), 'tracelog-loss-'))
let way: Way
let upstream: Awaited<ReturnType<typeof startUpstream>>
let nginx: Nginx
let agent: Otelcol

beforeAll(async () => {
  if (!isThere) return
  way = await layWay(folder)
  upstream = await startUpstream()
  nginx = await startNginx({ folder: join(folder, 'nginx'), upstreams: [upstream.address] })
})

/** Whatever became of the one of the test before. */
beforeEach(async () => {
  if (isThere) agent = await way.startAgent()
})

afterAll(async () => {
  await nginx?.stop()
  await way?.stop()
  upstream?.server.close()
  rmSync(folder, { recursive: true, force: true })
})

withAll('nginx: rotation by rename and reopen loses no line, with the Collector there or away', async () => {
  const sent = await sendMany(nginx.url, COUNT, 'rotated', {
    500: rotate,
    1_500: () => agent.stop(),
    2_000: rotate,
    3_000: rotate,
  })
  expect(sent).toHaveLength(COUNT)
  agent = await way.startAgent()
  await expectAll(sent, 'nginx, three rotations, the Collector away for one')
})

withAll('nginx: kill -9 of the Collector under load, again and again, loses no line', async () => {
  const kills = testKills(6)
  const sending = sendWhile(nginx.url, 'killed', () => pause(4).then(() => kills.left > 0))
  for (; kills.left > 0; kills.left--) {
    // Twice: it has caught up and reads what is being written.
    await grows()
    await grows()
    await restart(() => agent.kill())
  }
  const sent = await sending
  await expectAll(sent, 'nginx, six kill -9 of the Collector')
  const after = await sendMany(nginx.url, 100, 'spans-after')
  await expect.poll(() => tally(after, way.arrivedSpans()).lost, { timeout: ARRIVAL_MILLIS, interval: 250 }).toBe(0)
  report('nginx, six kill -9 of the Collector: spans', sent, way.arrivedSpans())
})

withAll('nginx: a restart of the Collector under load loses no line', async () => {
  const sent = await sendMany(nginx.url, COUNT, 'restarted', { 1_000: () => restart(() => agent.stop()) })
  expect(sent).toHaveLength(COUNT)
  await expectAll(sent, 'nginx, a restart of the Collector')
})

withAll('HAProxy: nothing is lost while the Collector is away and the ring holds the lines', async () => {
  const haproxy = await startTestHaproxy()
  const before = await sendMany(haproxy.url, 100, 'there')
  await expectAll(before, 'HAProxy, the Collector there')
  await agent.stop()
  const sent = await sendMany(haproxy.url, COUNT, 'away')
  expect(sent).toHaveLength(COUNT)
  agent = await way.startAgent()
  await expectAll(sent, 'HAProxy, the Collector away')
})

withAll(
  'kill -9 of HAProxy, of nginx, or of the Collector behind HAProxy: only what was on its way then is lost',
  async () => {
    let haproxy = await startTestHaproxy()
    const kills = testKills(3)
    const sending = sendWhile(haproxy.url, 'collector-killed', () => pause(4).then(() => kills.left > 0))
    for (; kills.left > 0; kills.left--) {
      // Caught up: killed while it takes what has gathered in the ring it loses nearly all of that.
      for (let n = 0; n < 4; n++) await grows()
      await restart(() => agent.kill())
    }
    const [overKills, after] = [await sending, await sendMany(haproxy.url, 100, 'after')]
    await expectAll(after, 'HAProxy, after that')
    report('HAProxy, three kill -9 of the Collector', overKills)

    const untilKill = await sendMany(haproxy.url, COUNT, 'haproxy-killed', { 2_000: () => haproxy.kill() })
    haproxy = await startTestHaproxy()
    await agent.stop()
    const inRing = await sendMany(haproxy.url, 1_000, 'ring-killed')
    await haproxy.kill()
    agent = await way.startAgent()

    const untilNginxKill = await sendMany(nginx.url, COUNT, 'nginx-killed', { 2_000: () => nginx.kill() })
    nginx = await startNginx({ folder: join(folder, 'nginx'), upstreams: [upstream.address] })
    await expectAll(await sendMany(nginx.url, 100, 'last'), 'nginx, after that')
    // Everything before the kill but what was in flight: at most one line per connection.
    await expectAll(untilNginxKill, 'nginx killed: answered requests', 8)
    report('HAProxy killed, the Collector there: answered requests', untilKill)
    report('HAProxy killed, the Collector away: answered requests', inRing)
  },
)

async function startTestHaproxy(): Promise<Haproxy> {
  return endsWithTest(await startHaproxy({ upstreams: [upstream.address, upstream.address], syslog: way.syslog }))
}

/** How often it is still to be killed under load: of a test that has failed nothing goes on. */
function testKills(left: number): { left: number } {
  const kills = { left }
  onTestFinished(() => void (kills.left = 0))
  return kills
}

/** logrotate's way. */
let rotations = 0
async function rotate(): Promise<void> {
  // Else it was rotated a moment ago, and nginx has not come to begin the new one.
  await vi.waitUntil(() => existsSync(way.nginxLog), { timeout: 30_000 })
  for (let n = rotations; n > 0; n--) renameSync(`${way.nginxLog}.${n}`, `${way.nginxLog}.${n + 1}`)
  rotations += 1
  renameSync(way.nginxLog, `${way.nginxLog}.1`)
  nginx.reopen()
}

/** As long as one request that is answered by nobody takes, and then some. */
async function grows(): Promise<void> {
  const before = way.arrivedBytes()
  try {
    await vi.waitUntil(() => way.arrivedBytes() > before, { timeout: 90_000, interval: 1 })
  } catch (cause) {
    throw new Error(`nothing arrives; the Collector says:\n${agent.said().slice(-4_000)}`, { cause })
  }
}

async function restart(end: () => Promise<void>): Promise<void> {
  await end()
  agent = await way.startAgent()
}

/** At the end of it `mayLose` at most have not arrived. */
async function expectAll(sent: readonly string[], what: string, mayLose = 0): Promise<void> {
  await settle(sent, mayLose)
  const missing = sent.filter((path) => !way.arrived().has(path))
  if (missing.length > mayLose) {
    // Where they are is else not to be found afterwards.
    const which = `${what}: ${missing.length} did not arrive, ${missing[0]} to ${missing.at(-1)}`
    expect.fail(`${which}; the Collector says:\n${agent.said().slice(-4_000)}`)
  }
  report(what, sent)
}

/** As long as something arrives: what has gathered behind six kills takes a slow machine minutes, and batches overtake each other. */
async function settle(sent: readonly string[], mayLose: number): Promise<void> {
  let [bytes, since] = [way.arrivedBytes(), performance.now()]
  const isSettled = (): boolean => {
    if (way.arrivedBytes() > bytes) [bytes, since] = [way.arrivedBytes(), performance.now()]
    return tally(sent, way.arrived()).lost <= mayLose || performance.now() - since > SILENCE_MILLIS
  }
  await vi.waitUntil(isSettled, { timeout: ARRIVAL_MILLIS, interval: 250 })
}

function report(what: string, sent: readonly string[], arrived = way.arrived()): void {
  const { lost, repeated } = tally(sent, arrived)
  process.stdout.write(`loss: ${what}: ${sent.length} lines, ${lost} lost, ${repeated} repeated\n`)
  const counts = { acknowledged: sent.length, stored: sent.length - lost, duplicated: repeated, lost }
  // Before or after a fault is no fault: no row of the loss table.
  if (!/after that$|Collector there$/.test(what)) recordLosses({ fault: what, where: 'gateway' }, counts)
}
