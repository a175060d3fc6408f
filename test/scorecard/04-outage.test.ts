/**
 * Row 4: an endpoint is away, and there is no spool: what fits into the queue is kept, what does not is counted to the record, said once
 * at the start and once at the end, and told to the backend.
 */
import { expect, test } from 'vitest'

import type { PipelineStats } from '../../src/export/pipeline-stats.ts'
import { droppedOf, expectIdentity } from '../export/harness.ts'
import { startChild } from '../support/child.ts'
import { startReceiver } from '../support/receiver.ts'
import { scaled } from '../support/scale.ts'

const OUTAGE_SECONDS = scaled({ pullRequest: 4, full: 600 })
const CAP_BYTES = scaled({ pullRequest: 1, full: 32 }) * 1024 * 1024
/** Of the cap: what a record that found no room frees for those behind it, and a batch that was under way. */
const SHARE_KEPT = 0.9

interface Told {
  readonly result: { readonly isComplete: boolean; readonly queued: number }
  readonly rss: number
  readonly stats: PipelineStats
}

async function outage(perSecond: number) {
  const receiver = await startReceiver()
  await receiver.stopListening()
  const child = startChild('outage/steady.cjs', {
    args: [String(perSecond), String(perSecond * OUTAGE_SECONDS)],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_QUEUE_MAX_BYTES: String(CAP_BYTES) },
  })
  await child.prints('emitted')
  await receiver.listenAgain()
  child.kill('SIGUSR2')
  const ended = await child.ended
  const told = JSON.parse(ended.stdout.split('\n').find((line) => line.startsWith('{')) ?? '') as Told
  const records = receiver.receivedLogs.filter((log) => log.scope.name === 'app')
  const reports = receiver.receivedLogs.filter((log) => log.record.eventName === 'tracelog.dropped')
  await receiver.close()
  return { told, ended, records, reports }
}

const TIMEOUT = { timeout: OUTAGE_SECONDS * 1000 + 60_000 }

test('a hundred records a second: nothing is lost, and nothing but the outage is said', TIMEOUT, async () => {
  const { told, ended, records } = await outage(100)
  expect(told.result).toEqual({ isComplete: true, queued: 0 })
  expect(told.stats.logs).toMatchObject({ emitted: 100 * OUTAGE_SECONDS, delivered: 100 * OUTAGE_SECONDS })
  expect(new Set(records.map((log) => log.record.body)).size).toBe(100 * OUTAGE_SECONDS)
  expect(ended.stderr.match(/^tracelog: /gm)).toHaveLength(1)
  expect(ended.stderr).toContain('nothing answers at')
})

test('five thousand a second: the cap is kept, and each loss is counted once', TIMEOUT, async () => {
  const { told, ended, records, reports } = await outage(5_000)
  const { logs } = told.stats
  const lost = droppedOf(logs)
  expectIdentity(told.stats)
  expect(told.result.isComplete).toBe(true)
  expect(logs.dropped.queue_full).toBe(lost)
  expect(lost).toBeGreaterThan(0)
  // Each record once; the newest are kept, and their numbers show the gap.
  const seqs = records.map((log) => Number(log.record.attributes['tracelog.seq'])).toSorted((a, b) => a - b)
  expect(new Set(seqs).size).toBe(logs.emitted - lost)
  expect(seqs.at(-1)).toBe(logs.emitted - 1)
  const bytesOfRecord = 300
  expect(seqs.length * bytesOfRecord).toBeGreaterThan(CAP_BYTES * SHARE_KEPT)
  // Told: to the backend in all, on stderr when it begins and when it is over.
  const reported = reports.reduce((sum, log) => sum + Number(log.record.attributes['tracelog.dropped.count']), 0)
  expect(reported).toBe(lost)
  const lines = ended.stderr.split('\n').filter((line) => line.includes('dropped'))
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain(`${lost} in all`)
  expect(told.rss).toBeLessThan(scaled({ pullRequest: 200, full: 250 }) * 1024 * 1024)
})
