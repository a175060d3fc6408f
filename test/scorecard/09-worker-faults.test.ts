/**
 * Row 9: whatever happens to the export worker, the application lives on, its records arrive, and a sender is there again within two
 * seconds.
 *
 * A worker that cannot be loaded at all is in export/worker-faults.
 */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { ExportPipeline } from '../../src/export/pipeline.ts'
import { emit, expectIdentity, pipelineTo, record, SCOPE } from '../export/harness.ts'
import { fixture } from '../support/child.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { scaled } from '../support/scale.ts'

const BUSY_MILLIS = scaled({ pullRequest: 1_500, full: 30_000 })
const FALLBACK_MILLIS = 2_000
/** Of the fault itself. V8 takes two to four seconds until it says that there is no memory left. */
const LASTS_MILLIS: Readonly<Record<string, number>> = { busy: BUSY_MILLIS, heap: 20_000 }

let receiver: Receiver
let pipeline: ExportPipeline
const uncaught: unknown[] = []
const note = (error: unknown) => void uncaught.push(error)

beforeEach(async () => {
  uncaught.length = 0
  process.on('uncaughtException', note)
  receiver = await startReceiver()
})
afterEach(async () => {
  process.off('uncaughtException', note)
  rmSync(join(tmpdir(), `tracelog-heap-${process.pid}`), { force: true })
  await pipeline.shutdown({ timeoutMillis: 1 })
  await receiver.close()
})

describe.each(['exit', 'throw', 'later', 'reject', 'heap', 'busy'])('a worker with the fault "%s"', (fault) => {
  test('costs no record, and the next one is there soon', { timeout: BUSY_MILLIS + 60_000 }, async () => {
    pipeline = pipelineTo(receiver.url, {
      usesWorker: true,
      workerPath: fixture('workers/faulty.cjs'),
      userAgent: `tracelog/${fault}-${BUSY_MILLIS}`,
      delayMillis: 5,
      maxBatchRecords: 50,
    })
    // Each fifty are a request: the fault comes with the third.
    for (let i = 0; i < 8; i++) {
      emit(pipeline, 50)
      expectIdentity(pipeline.stats())
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const { [fault]: lasts = 0 } = LASTS_MILLIS
    pipeline.emitLog(record('after the fault'), SCOPE)
    const hasArrived = () => receiver.receivedLogs.some((log) => log.record.body === 'after the fault')
    await receiver.until('the record after the fault', hasArrived, slack(FALLBACK_MILLIS) + lasts)

    expect(await pipeline.flush({ timeoutMillis: 30_000 })).toEqual({ isComplete: true, queued: 0 })
    const seqs = new Set(receiver.receivedLogs.map((log) => log.record.attributes['tracelog.seq']))
    expect(seqs.size).toBe(401)
    expect(pipeline.stats().logs).toMatchObject({ emitted: 401, delivered: 401, queued: 0 })
    expectIdentity(pipeline.stats())
    expect(uncaught).toEqual([])
  })
})
