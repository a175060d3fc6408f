/**
 * The disk of the Collector's queue is full while Loki is away: senders are refused (503) and send again; what was
 * acknowledged survives a kill -9 and a restart, as long as the queues may take at most a third of the disk.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'

import { requireThat } from '../../support/require.ts'
import { startLoki, type Loki } from '../../support/servers/loki.ts'
import { startOtelcol } from '../../support/servers/otelcol.ts'
import { findServer } from '../../support/servers/program.ts'
import type { Sender } from './support/sender.ts'
import { endsWithTest, fileFolder, settle, testSender } from './support/stack.ts'
import { readLoki } from './support/stored.ts'

const folder = fileFolder('disk-full')
const DISK_BYTES = 24 * 2 ** 20
let loki: Loki

const it = requireThat(
  canMount() && findServer('otelcol') !== undefined && findServer('loki') !== undefined,
  'needs otelcol, loki (node .ci/servers.mjs otelcol loki) and mount, which only root may',
)

beforeAll(async () => {
  loki = await startLoki(join(folder, 'loki'))
})
afterAll(() => loki.kill())

it('with queues of a third of the disk, nothing acknowledged is lost', async () => {
  const sender = await fillQueueAndKill('third-of-disk', String(DISK_BYTES / 6))
  const fault = 'disk of the queue full, Collector killed -9'
  expect([...sender.refusals.keys()]).toContain('503')
  const losses = await settle({ fault, where: 'Loki' }, sender, () => readLoki(loki.url, 'third-of-disk'))
  expect(losses).toMatchObject({ lost: 0 })
})

/** Loki away, traffic until the Collector refuses, kill -9, restart; then Loki is there and the traffic ends. */
async function fillQueueAndKill(service: string, queueBytes: string): Promise<Sender> {
  const data = join(folder, service, 'data')
  mountTmpfs(data)
  const away = { TRACELOG_QUEUE_BYTES: queueBytes, TRACELOG_LOKI: 'http://127.0.0.1:9/otlp' }
  const options = { configs: ['standalone.yaml'], folder: join(folder, service) }
  const before = endsWithTest(await startOtelcol({ ...options, env: away }))
  const sender = testSender({ url: before.httpUrl, signal: 'logs', service, perSecond: 500, bodyLength: 4_000 })
  await expect.poll(() => refused(sender), { timeout: 60_000 }).toBeGreaterThan(20)
  await before.kill()
  endsWithTest(await startOtelcol({ ...options, env: { ...before.env, TRACELOG_LOKI: loki.otlpUrl } }))
  await sender.finish()
  return sender
}

function refused(sender: Sender): number {
  return [...sender.refusals.values()].reduce((sum, times) => sum + times, 0)
}

function mountTmpfs(target: string): void {
  mkdirSync(target, { recursive: true })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', target], { encoding: 'utf8' })
  if (mounted.status !== 0) throw new Error(mounted.stderr)
  onTestFinished(() => void spawnSync('umount', ['--lazy', target]))
}

function canMount(): boolean {
  const target = join(folder, 'may-i')
  mkdirSync(target, { recursive: true })
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', target]).status !== 0) return false
  return spawnSync('umount', [target]).status === 0
}
