/** Memory that goes round between batches: who gets it, when, and that no record is written over by another. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { MemoryStage } from '../../src/export/memory-stage.ts'
import { OpenBatch } from '../../src/export/open-batch.ts'
import { CHUNK_BYTES, SpareMemory, takeChunk } from '../../src/export/spare-memory.ts'
import type { Seat } from '../../src/export/stage.ts'
import type { EncodedBatch } from '../../src/model/encoded-batch.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { pipelineTo, record, SCOPE } from './harness.ts'

const FIRST: Seat = { signal: 'logs', bit: 1 }
const SECOND: Seat = { signal: 'logs', bit: 2 }

/** One that fills more than a quarter of its chunk: smaller ones are copied into memory of their own size. */
function largeBatch(spare: SpareMemory): EncodedBatch {
  const open = new OpenBatch({ signal: 'logs', resource: new Uint8Array(), maxRecords: 1000, spare })
  for (let seq = 0; seq < 20; seq++) open.addLog(record('x'.repeat(20_000)), SCOPE, seq)
  return open.take()!
}

describe('spare memory', () => {
  test('is what was given back', () => {
    const spare = new SpareMemory()
    const { buffer } = takeChunk(spare)
    spare.giveBack(buffer)
    expect(takeChunk(spare).buffer).toBe(buffer)
    expect(takeChunk(spare).buffer).not.toBe(buffer)
  })

  test('is of the class that memory has when it is new: the code that writes to it is made for one', () => {
    const spare = new SpareMemory()
    const first = takeChunk(spare)
    spare.giveBack(first.buffer)
    expect(Object.getPrototypeOf(takeChunk(spare))).toBe(Object.getPrototypeOf(first))
  })

  test.each([0, 1024, CHUNK_BYTES * 2])('is not memory of %i bytes', (size) => {
    const spare = new SpareMemory()
    spare.giveBack(new ArrayBuffer(size))
    expect(spare.take()).toBeUndefined()
  })

  test('is bounded', () => {
    const spare = new SpareMemory()
    for (let i = 0; i < 100; i++) spare.giveBack(new ArrayBuffer(CHUNK_BYTES))
    let count = 0
    while (spare.take() !== undefined) count++
    expect(count).toBe(4)
  })

  test('is let go of piece by piece', () => {
    const spare = new SpareMemory()
    spare.giveBack(new ArrayBuffer(CHUNK_BYTES))
    spare.letGo()
    spare.letGo()
    expect(spare.take()).toBeUndefined()
  })
})

test("a batch's memory is spare when its last lane has answered, and not before", () => {
  const spare = new SpareMemory()
  const stage = new MemoryStage({ maxBytes: 2 ** 25, seats: [FIRST, SECOND], spare })
  const batch = largeBatch(spare)
  stage.offer(batch)
  const held = [FIRST, SECOND].map((seat) => stage.take(seat)!)
  stage.settle(FIRST, held[0]!)
  expect(spare.take()).toBeUndefined()
  stage.settle(SECOND, held[1]!)
  expect(spare.take()?.buffer).toBe(batch.bytes.buffer)
})

test('the halves of a batch that was too large outlive its memory', () => {
  const spare = new SpareMemory()
  const stage = new MemoryStage({ maxBytes: 2 ** 25, seats: [FIRST], spare })
  stage.offer(largeBatch(spare))
  stage.split(FIRST, stage.take(FIRST)!)
  const half = stage.take(FIRST)!.batch
  const before = half.bytes.slice()
  spare.take()?.fill(0)
  expect(half.bytes).toEqual(before)
})

describe('a worker', () => {
  let receiver: Receiver
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  test('sends batch after batch from the same memory, each as it was emitted', { timeout: 60_000 }, async () => {
    const pipeline = pipelineTo(receiver.url, { usesWorker: true, delayMillis: 5 })
    const bodies: string[] = []
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 100; i++) {
        const body = `${round} ${i} ${String.fromCodePoint(97 + (round % 26)).repeat(8_000)}`
        bodies.push(body)
        pipeline.emitLog(record(body), SCOPE)
      }
      await pipeline.flush()
    }
    const received = receiver.receivedLogs.map((log) => log.record.body as string)
    expect(received.toSorted()).toEqual(bodies.toSorted())
    await pipeline.shutdown()
  })
})
