/**
 * The spool's disk refuses, in every way it can, or stalls: records stay in memory, the application is not held up, one line says so,
 * and when the disk is mended all goes on.
 */
import { describe, expect, test, type TestContext, vi } from 'vitest'

import type { ExportPipeline } from '../../src/export/pipeline.ts'
import { Spool } from '../../src/export/spool/spool.ts'
import type { SpoolConfig } from '../../src/export/spool/spool-config.ts'
import { createPlainSender } from '../../src/export/worker/sender.ts'
import { emit, expectIdentity, pipelineTo } from '../export/harness.ts'
import { type Fault, memoryFiles, type MemoryFiles } from '../segments/support/memory-files.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

/** Lines on stderr about a spool, by its directory. */
const said = vi.hoisted(() => [] as string[])
vi.mock('../../src/diag/events.ts', async (original) => ({
  ...(await original<typeof import('../../src/diag/events.ts')>()),
  tell: (line: string) => said.push(line),
}))

const RESUMED_MILLIS = 10_000
let spools = 0

interface Opened {
  readonly pipeline: ExportPipeline
  readonly receiver: Receiver
  readonly files: MemoryFiles
  readonly lines: () => readonly string[]
}

/** A pipeline that sends in this thread, with a spool on files in memory. */
async function open({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Promise<Opened> {
  const receiver = await startReceiver()
  const files = memoryFiles()
  const spool: SpoolConfig = {
    directory: `/spool-${spools++}/`,
    service: 'test',
    maxBytes: 256 * 1024 * 1024,
    fsync: 'interval',
    isSync: false,
  }
  const general = { protocol: 'http/protobuf', headers: {}, timeoutMillis: 5000, compression: 'none' } as const
  const to = { kind: 'otlp' as const, endpoint: { url: `${receiver.url}/v1/logs`, ...general } }
  const pipeline = pipelineTo(receiver.url, {
    lanes: [{ signal: 'logs', name: 'otlp', label: receiver.url, to, hasSpool: true }],
    spool,
    loadSender: (config, surroundings) =>
      new Spool({
        ...surroundings,
        config: spool,
        lanes: { logs: 'logs/otlp' },
        sender: createPlainSender(config, surroundings.tell),
        files,
        owners: { own: 'aa-1-2-3', isGone: () => false },
        makeDirectory: async () => {},
        wallMillis: Date.now,
      }),
  })
  onTestFinished(async () => {
    files.fault = 'none'
    await pipeline.shutdown({ timeoutMillis: 100 })
    await receiver.close()
  })
  return { pipeline, receiver, files, lines: () => said.filter((line) => line.includes(spool.directory)) }
}

const FAULTS: readonly { readonly what: string; readonly fault: Fault }[] = [
  ...['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'EACCES'].map((code) => ({ what: code, fault: { code } })),
  { what: 'a disk that is full in the middle of a write', fault: 'full' },
]

describe.concurrent('with an endpoint that is away and', () => {
  test.for(FAULTS)(
    '$what: nothing is lost, one line is said, and it goes on',
    { timeout: 40_000 },
    async ({ fault }, context) => {
      const { pipeline, receiver, files, lines } = await open(context)
      receiver.fault = { status: 503 }
      emit(pipeline, 100)
      await vi.waitFor(() => expect(pipeline.stats().logs.spooled).toBe(100), 10_000)

      files.fault = fault
      for (let round = 0; round < 5; round++) {
        emit(pipeline, 20)
        // oxlint-disable-next-line no-await-in-loop -- several batches
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
      await vi.waitFor(() => expect(lines()).toHaveLength(1), 10_000)
      expect(pipeline.stats().logs).toMatchObject({ emitted: 200, spooled: 100, queued: 100 })
      expectIdentity(pipeline.stats())

      files.fault = 'none'
      await vi.waitFor(() => expect(pipeline.stats().logs).toMatchObject({ spooled: 200, queued: 0 }), RESUMED_MILLIS)
      expect(lines()).toHaveLength(1)

      receiver.fault = undefined
      await vi.waitFor(
        () => expect(pipeline.stats().logs).toMatchObject({ delivered: 200, spooled: 0 }),
        RESUMED_MILLIS,
      )
      expect(receiver.receivedLogs).toHaveLength(200)
      expectIdentity(pipeline.stats())
    },
  )

  test('somebody who removes the files: what was in them is counted, and it goes on', async (context) => {
    const { pipeline, receiver, files } = await open(context)
    receiver.fault = { status: 503 }
    emit(pipeline, 10)
    await vi.waitFor(() => expect(pipeline.stats().logs.spooled).toBe(10), 10_000)
    for (const name of files.names()) void files.remove(name)
    emit(pipeline, 10)
    await vi.waitFor(() => expect(pipeline.stats().logs.spooled).toBe(10), 10_000)
    await vi.waitFor(() => expect(pipeline.stats().logs.dropped.corrupt).toBe(10), 10_000)
    expectIdentity(pipeline.stats())
  })
})

describe.concurrent('with a disk that stalls', () => {
  test('an endpoint that answers gets everything', async (context) => {
    const { pipeline, receiver, files } = await open(context)
    files.stall = new Promise(() => {})
    receiver.fault = { delayMillis: 100 }
    emit(pipeline, 50)
    await vi.waitFor(() => expect(pipeline.stats().logs).toMatchObject({ delivered: 50, queued: 0 }), 10_000)
  })

  test('what nobody takes waits in memory, and is kept when it goes on', async (context) => {
    const { pipeline, receiver, files } = await open(context)
    receiver.fault = { status: 503 }
    let goOn = () => {}
    files.stall = new Promise((resolve) => (goOn = resolve))
    emit(pipeline, 50)
    await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThan(0), 10_000)
    expect(pipeline.stats().logs).toMatchObject({ spooled: 0, queued: 50 })
    files.stall = undefined
    goOn()
    await vi.waitFor(() => expect(pipeline.stats().logs).toMatchObject({ spooled: 50, queued: 0 }), RESUMED_MILLIS)
    receiver.fault = undefined
    await vi.waitFor(() => expect(receiver.receivedLogs).toHaveLength(50), RESUMED_MILLIS)
  })
})
