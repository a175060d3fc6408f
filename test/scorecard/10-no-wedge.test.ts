/**
 * Row 10: whatever an endpoint, a disk and the worker did before, and in whatever order: soon after they are well again a new record is
 * delivered, and every record is accounted for in every lane.
 *
 * A schedule is made by chance from a seed; a seed that failed once is kept here for good.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import type { LaneSpec } from '../../src/export/lane-spec.ts'
import type { ExportPipeline } from '../../src/export/pipeline.ts'
import { emit, expectIdentity, pipelineTo, record, SCOPE } from '../export/harness.ts'
import { fixture } from '../support/child.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Fault, type Receiver } from '../support/receiver.ts'
import { scaled } from '../support/scale.ts'
import { seeded, type Seeded } from '../support/seeded.ts'

const SCHEDULES = scaled({ pullRequest: 200, full: 10_000 })
/** At a time: most of a schedule is waiting. */
const TOGETHER = 15
const DELIVERED_MILLIS = 10_000
/** Seeds that failed once. */
const KEPT_SEEDS: readonly number[] = []

const FAULTS: readonly Fault[] = [
  { status: 503 },
  { status: 429, retryAfter: '1' },
  { status: 400 },
  { status: 500 },
  { blackhole: true },
  // A port that nobody listens to would be given to another schedule's receiver.
  { cut: 'connected' },
  { cut: 'half' },
  { cut: 'read' },
  { cut: 'answered' },
  { neverEnds: true },
  { maxBytes: 900 },
  { maxBytes: 10 },
  { delayMillis: 50 },
  { partial: { rejected: 1, message: 'no' } },
  { page: '<html></html>' },
]

interface Scene {
  readonly receiver: Receiver
  readonly pipeline: ExportPipeline
  readonly file: { break(): void; mend(): void }
  /** From now on no worker dies. */
  readonly spareWorkers: () => void
}

const folder = mkdtempSync(join(tmpdir(), 'tracelog-wedge-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function begin(seed: number, chance: Seeded): Promise<Scene> {
  const receiver = await startReceiver()
  const own = join(folder, String(seed))
  mkdirSync(own)
  const path = join(own, 'all.jsonl')
  const lead = (to: string) => {
    rmSync(path, { force: true })
    symlinkSync(to, path)
  }
  writeFileSync(join(own, 'good'), '')
  lead(join(own, 'good'))
  const endpoint = { protocol: 'http/protobuf', headers: {}, timeoutMillis: 150, compression: 'none' } as const
  const config = { path, format: 'flat', line: 'full', maxBytes: 1_000_000, maxFiles: 2 } as const
  const to = (signal: 'logs' | 'traces') => ({
    kind: 'otlp' as const,
    endpoint: { ...endpoint, url: `${receiver.url}/v1/${signal}` },
  })
  const lanes: LaneSpec[] = [
    { signal: 'logs', name: 'otlp', label: `endpoint ${seed}`, to: to('logs') },
    { signal: 'logs', name: 'file', label: path, to: { kind: 'file', file: config } },
    { signal: 'spans', name: 'otlp', label: `endpoint ${seed}`, to: to('traces') },
  ]
  const pipeline = pipelineTo(receiver.url, {
    lanes,
    userAgent: `tracelog/${chance.between(1, 30)}`,
    delayMillis: chance.pick([0, 5, 20]),
    maxBatchRecords: chance.pick([7, 50, 8192]),
    queueMaxBytes: chance.pick([64 * 1024, 1024 * 1024]),
    // One in ten: a thread costs more than the whole of the others.
    usesWorker: seed % 10 === 0,
    workerPath: fixture('workers/dies-now-and-then.cjs'),
  })
  return {
    receiver,
    pipeline,
    file: { break: () => lead('/dev/full'), mend: () => lead(join(own, 'good')) },
    spareWorkers: () => writeFileSync(join(own, 'well'), ''),
  }
}

async function misbehave({ receiver, pipeline, file, spareWorkers }: Scene, chance: Seeded): Promise<void> {
  for (let steps = chance.between(3, 10); steps > 0; steps--) {
    const kind = chance.pick(['fault', 'fault', 'next', 'file', 'well', 'flush', 'end'] as const)
    if (kind === 'fault') receiver.fault = chance.pick(FAULTS)
    else if (kind === 'next') receiver.failNext(chance.pick(FAULTS), chance.pick(FAULTS))
    else if (kind === 'file') file.break()
    else if (kind === 'well') {
      receiver.fault = undefined
      file.mend()
    } else if (kind === 'flush') void pipeline.flush({ timeoutMillis: chance.between(1, 100) })
    else if (kind === 'end') {
      // A signal that the system ignores: the end begins, and does not come.
      pipeline.drainWithin(1)
      pipeline.goOn()
    }
    emit(pipeline, chance.between(0, 20), chance.between(1, 24))
    expectIdentity(pipeline.stats())
    await new Promise((resolve) => setTimeout(resolve, chance.between(0, 60)))
  }
  receiver.fault = undefined
  receiver.clearNext()
  file.mend()
  spareWorkers()
}

async function runSchedule(seed: number): Promise<void> {
  const chance = seeded(seed)
  const scene = await begin(seed, chance)
  const { receiver, pipeline } = scene
  try {
    await misbehave(scene, chance)
    const marker = `after ${seed}`
    // Nobody asks for a flush: it must come by itself.
    pipeline.emitLog(record(marker, 24), SCOPE)
    const hasArrived = () => receiver.receivedLogs.some((log) => log.record.body === marker)
    const until = performance.now() + slack(DELIVERED_MILLIS)
    while (!hasArrived()) {
      if (performance.now() > until) {
        throw new Error(
          `a new record was not delivered in 10 s: ${JSON.stringify(pipeline.stats().lanes[0])}, ${receiver.requests.length} requests, the last ${Math.round(performance.now() - (receiver.requests.at(-1)?.atMillis ?? 0))} ms ago`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await pipeline.flush({ timeoutMillis: DELIVERED_MILLIS })
    expectIdentity(pipeline.stats())
    for (const lane of pipeline.stats().lanes) expect(lane).toMatchObject({ queued: 0 })
    expect(pipeline.stats().queueBytes).toBe(0)
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error })
  } finally {
    await pipeline.shutdown({ timeoutMillis: 1 })
    await receiver.close()
  }
}

test(
  `${SCHEDULES} random schedules of faults: nothing is ever stuck`,
  { timeout: SCHEDULES * 1000 + 60_000 },
  async () => {
    const first = scaled({ pullRequest: 1, full: 1_000_000 })
    const seeds = [...KEPT_SEEDS, ...Array.from({ length: SCHEDULES }, (_, i) => first + i)]
    const failures: unknown[] = []
    await Promise.all(
      Array.from({ length: TOGETHER }, async () => {
        for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
          await runSchedule(seed).catch((error: unknown) => failures.push(error))
        }
      }),
    )
    expect(failures).toEqual([])
  },
)
